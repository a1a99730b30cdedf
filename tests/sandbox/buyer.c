#include "tests/sandbox/buyer.h"

#include "tests/sandbox/ids.h"

#include <stdio.h>

uint64_t
buyer_user_id(uint64_t seed, uint64_t n)
{
	return ids_make(IDS_USER, seed, n);
}

static void
compose_address(const struct region *where, struct buyer *b)
{
	snprintf(b->full_address, sizeof(b->full_address), "%s, %s, %s, %s,%s", where->country,
	         where->province, where->city, b->subdistrict, b->street);
}

void
buyer_make(uint64_t seed, uint64_t n, const struct region *where, struct buyer *ret)
{
	unsigned u = (unsigned)(n % 1000000);

	*ret = (struct buyer){ .user_id = buyer_user_id(seed, n) };
	snprintf(ret->name, sizeof(ret->name), "CANARY-NAME-%06u สมชาย", u);
	snprintf(ret->phone, sizeof(ret->phone), "(%s)99942%04u", where->dial, u % 10000);
	snprintf(ret->street, sizeof(ret->street), "CANARY-ADDRESS-%06u ซอยสุขุมวิท %u", u, u % 99);
	snprintf(ret->subdistrict, sizeof(ret->subdistrict), "CANARY-DISTRICT-%06u", u);
	snprintf(ret->postal_code, sizeof(ret->postal_code), "99942");
	snprintf(ret->email, sizeof(ret->email), "CANARY-EMAIL-%06u@scs2.tiktok.com", u);
	snprintf(ret->nickname, sizeof(ret->nickname), "CANARY-NICK-%06u", u);
	if (n % 3 == 0)
		snprintf(ret->message, sizeof(ret->message),
		         "CANARY-MESSAGE-%06u \"ฝากไว้ที่ป้อมยาม\" โทร 0999420000", u);
	compose_address(where, ret);
}

void
buyer_mask(const struct region *where, struct buyer *b)
{
	snprintf(b->name, sizeof(b->name), "C***y");
	snprintf(b->phone, sizeof(b->phone), "(%s)999****42", where->dial);
	snprintf(b->street, sizeof(b->street), "CA***");
	snprintf(b->subdistrict, sizeof(b->subdistrict), "CA*******");
	snprintf(b->postal_code, sizeof(b->postal_code), "99***");
	compose_address(where, b);
}

void
buyer_empty(struct buyer *b)
{
	b->name[0] = b->phone[0] = b->street[0] = b->full_address[0] = '\0';
	b->subdistrict[0] = b->postal_code[0] = '\0';
}
