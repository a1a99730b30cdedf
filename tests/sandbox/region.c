#include "tests/sandbox/region.h"

#include "common/own.h"

#include <string.h>

static const struct region regions[] = {
	{ "TH", "ROW_", "THB", "Thailand", "Bangkok", "Pathum Wan", "+66", "สินค้าหมด" },
	{ "MY", "ROW_", "MYR", "Malaysia", "Selangor", "Petaling", "+60", "Kehabisan stok" },
	{ "VN", "ROW_", "VND", "Viet Nam", "Ha Noi", "Ba Dinh", "+84", "Hết hàng" },
	{ "ID", "ROW_", "IDR", "Indonesia", "DKI Jakarta", "Menteng", "+62", "Stok habis" },
	{ "PH", "ROW_", "PHP", "Philippines", "Metro Manila", "Makati", "+63", "Out of stock" },
	{ "SG", "ROW_", "SGD", "Singapore", "Singapore", "Bedok", "+65", "Out of stock" },
	{ "GB", "GCP_", "GBP", "United Kingdom", "England", "Leeds", "+44", "Out of stock" },
	{ "US", "TTP_", "USD", "United States", "California", "Oakland", "+1", "Out of stock" },
};

const struct region *
region_find(const char *code)
{
	for (size_t i = 0; i < ARRAY_LEN(regions); i++)
		if (!strcmp(regions[i].code, code))
			return &regions[i];
	return NULL;
}
