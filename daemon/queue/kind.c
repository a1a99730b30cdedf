#include "daemon/queue/kind.h"

#include <string.h>

static const struct {
	const char *name;
	int64_t bonus_ms;
	enum kind_begin begins;
} kinds[KIND_END] = {
	[KIND_NONE] = { "none", 0, KIND_LATER },
#define KIND(id, name, bonus, begins) [KIND_##id] = { #name, bonus, KIND_##begins },
#include "daemon/queue/kind.def"
#undef KIND
};

const char *
kind_name(enum kind k)
{
	return k > KIND_NONE && k < KIND_END ? kinds[k].name : kinds[KIND_NONE].name;
}

enum kind
kind_parse(const char *s)
{
	for (int k = KIND_NONE + 1; k < KIND_END; k++)
		if (!strcmp(s, kinds[k].name))
			return (enum kind)k;
	return KIND_NONE;
}

int64_t
kind_bonus_ms(enum kind k)
{
	return k > KIND_NONE && k < KIND_END ? kinds[k].bonus_ms : 0;
}

enum kind_begin
kind_begins(enum kind k)
{
	return k > KIND_NONE && k < KIND_END ? kinds[k].begins : KIND_LATER;
}
