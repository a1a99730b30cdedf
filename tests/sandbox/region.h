/*
 * region: what differs between markets.
 *
 * Source: tiktok-shop-api.md 2.1 (prefixes) and 8; an unknown code is refused at start.
 */
#ifndef SANDBOX_REGION_H
#define SANDBOX_REGION_H

struct region {
	char code[3];
	const char *prefix; /* of tokens and ciphers */
	const char *currency;
	const char *country;
	const char *province;
	const char *city;
	const char *dial;
	const char *cancel_text; /* cancel reasons come in the shop's language */
};

/* NULL where the code is not known. */
const struct region *region_find(const char *code);

#endif
