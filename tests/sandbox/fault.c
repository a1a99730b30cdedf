#include "tests/sandbox/fault.h"

#include "tests/sandbox/mem.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *word;
	enum fault_stage stage;
} kinds[] = {
	[FAULT_NONE] = { "", FAULT_NEVER },
#define X(name, word, stage) [FAULT_##name] = { word, FAULT_##stage },
#include "tests/sandbox/fault.def"
#undef X
};

const char *
faults_word(enum fault_kind k)
{
	return kinds[k].word;
}

enum fault_kind
faults_kind(const char *word)
{
	for (enum fault_kind k = FAULT_NONE + 1; k < FAULT_KINDS; k++)
		if (!strcmp(kinds[k].word, word))
			return k;
	return FAULT_NONE;
}

enum fault_stage
faults_stage(enum fault_kind k)
{
	return kinds[k].stage;
}

void
faults_done(struct faults *f)
{
	free(f->rows);
	f->rows = NULL;
	f->n = 0;
}

unsigned
faults_add(struct faults *f, const struct fault *one)
{
	f->rows = mem_grow(f->rows, f->n + 1, sizeof(*f->rows));
	f->rows[f->n] = *one;
	f->rows[f->n].no = ++f->made;
	return f->rows[f->n++].no;
}

static void
take_out(struct faults *f, size_t i)
{
	f->n--;
	memmove(&f->rows[i], &f->rows[i + 1], (f->n - i) * sizeof(*f->rows));
}

size_t
faults_clear(struct faults *f, unsigned no)
{
	size_t before = f->n;

	for (size_t i = f->n; i-- > 0;)
		if (!no || f->rows[i].no == no)
			take_out(f, i);
	return before - f->n;
}

static bool
fits(const struct fault *one, const char *path, const char *cipher)
{
	if (one->cipher[0] && (!cipher || strcmp(one->cipher, cipher) != 0))
		return false;
	/* only searches have pages */
	if (kinds[one->kind].stage == FAULT_PAGING && !strstr(path, "/search"))
		return false;
	return !strcmp(one->match, "*") || strstr(path, one->match);
}

bool
faults_take(struct faults *f, const char *path, const char *cipher, struct fault *ret)
{
	for (size_t i = 0; i < f->n; i++) {
		struct fault *one = &f->rows[i];

		if (!fits(one, path, cipher) ||
		    (one->per_million < 1000000 && rng_below(&f->rng, 1000000) >= one->per_million))
			continue;
		one->hits++;
		f->hits[one->kind]++;
		*ret = *one;
		if (one->count > 0 && !--one->count)
			take_out(f, i);
		return true;
	}
	return false;
}
