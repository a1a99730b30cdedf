#include "daemon/queue/kind.h"

#include <string.h>

static const struct {
	const char *name;
	int64_t bonus_ms;
	bool from_start;
} kinds[KIND_END] = {
	[KIND_NONE] = { "none", 0, false },
#define KIND(id, name, bonus, from_start) [KIND_##id] = { #name, bonus, from_start },
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

bool
kind_from_start(enum kind k)
{
	return k > KIND_NONE && k < KIND_END && kinds[k].from_start;
}
