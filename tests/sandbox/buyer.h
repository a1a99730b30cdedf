/*
 * buyer: a person who does not exist, decided by a number.
 *
 * Every value carries a marker, so that one search (`CANARY`, and for the fields that are digits
 * 99942 and 749999) finds it wherever it must not be: logs, databases, queues, statistics.
 *
 * Source: tiktok-shop-api.md 5.5 (which fields exist), 6.4 (what the platform masks).
 */
#ifndef SANDBOX_BUYER_H
#define SANDBOX_BUYER_H

#include "tests/sandbox/region.h"

#include <stdint.h>

#define BUYER_TEXT_MAX 160

struct buyer {
	uint64_t user_id;
	char name[BUYER_TEXT_MAX];
	char phone[BUYER_TEXT_MAX];
	char street[BUYER_TEXT_MAX];
	char full_address[3 * BUYER_TEXT_MAX];
	char subdistrict[BUYER_TEXT_MAX];
	char postal_code[16];
	char email[BUYER_TEXT_MAX];
	char message[BUYER_TEXT_MAX]; /* "" for most */
	char nickname[BUYER_TEXT_MAX];
};

void buyer_make(uint64_t seed, uint64_t n, const struct region *where, struct buyer *ret);
uint64_t buyer_user_id(uint64_t seed, uint64_t n);
/* As the platform shows a buyer of a parcel that it carries itself. */
void buyer_mask(const struct region *where, struct buyer *b);
/* As it shows one before payment: no name, no address. */
void buyer_empty(struct buyer *b);

#endif
