#include "daemon/grant/vault.h"

#include "common/crypto.h"
#include "common/own.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERSION    1
#define HEAD_BYTES 2 /* version, length of the key id */
#define AD_MAX     512

static const char canary_text[] = "ttsyncd canary";

struct key {
	char id[VAULT_KEY_ID_MAX + 1];
	unsigned char *bytes; /* crypto_key_new; CRYPTO_KEY_BYTES */
};

struct vault {
	struct key keys[VAULT_KEYS_MAX];
	size_t n;
	size_t active; /* index, or VAULT_KEYS_MAX: none yet */
};

static bool
id_valid(const char *id, size_t len)
{
	static const char set[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	if (!len || len > VAULT_KEY_ID_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!id[i] || !strchr(set, id[i]))
			return false;
	return true;
}

static const struct key *
key_find(const struct vault *v, const char *id, size_t len)
{
	for (size_t i = 0; i < v->n; i++)
		if (strlen(v->keys[i].id) == len && !memcmp(v->keys[i].id, id, len))
			return &v->keys[i];
	return NULL;
}

/* A line of the ring, cut at its colons. */
struct ring_line {
	const char *id;
	size_t id_len;
	const char *key;
	size_t key_len;
	bool active;
};

/* NULL, or what is wrong with the line. */
static const char *
line_split(const char *s, size_t len, struct ring_line *r)
{
	const char *colon = memchr(s, ':', len), *second;
	size_t left;

	r->id = s;
	r->id_len = colon ? (size_t)(colon - s) : 0;
	if (!colon || !id_valid(r->id, r->id_len))
		return "no key id of 1 to 32 letters, digits, '.', '_' or '-' before the first ':'";
	r->key = colon + 1;
	left = len - r->id_len - 1;
	second = memchr(r->key, ':', left);
	if (!second)
		return "not id:base64:active or id:base64:decrypt";
	r->key_len = (size_t)(second - r->key);
	left -= r->key_len + 1;
	r->active = left == 6 && !memcmp(second + 1, "active", 6);
	if (!r->active && (left != 7 || memcmp(second + 1, "decrypt", 7) != 0))
		return "the word behind the second ':' is neither active nor decrypt";
	return NULL;
}

/* NULL, or what is wrong. */
static const char *
key_add(struct vault *v, const struct ring_line *r)
{
	struct key *k = &v->keys[v->n];

	if (v->n == VAULT_KEYS_MAX)
		return "more than 16 keys";
	if (key_find(v, r->id, r->id_len))
		return "this key id stands in the ring already";
	if (r->active && v->active < VAULT_KEYS_MAX)
		return "a second active key";
	k->bytes = crypto_key_new(CRYPTO_KEY_BYTES);
	if (!k->bytes)
		return "no memory for a key";
	memcpy(k->id, r->id, r->id_len);
	if (r->active)
		v->active = v->n;
	v->n++; /* from here vault_free frees it */
	if (crypto_unbase64(r->key, r->key_len, k->bytes, CRYPTO_KEY_BYTES) != CRYPTO_KEY_BYTES)
		return "the key is not 32 bytes in base64";
	return NULL;
}

/* NULL, or what is wrong with this line of the ring. */
static const char *
line_read(struct vault *v, const char *s, size_t len)
{
	struct ring_line r;
	const char *why;

	while (len && (s[len - 1] == '\r' || s[len - 1] == ' ' || s[len - 1] == '\t'))
		len--;
	if (!len || s[0] == '#')
		return NULL;
	why = line_split(s, len, &r);
	return why ? why : key_add(v, &r);
}

struct vault *
vault_parse(const char *name, const char *text, size_t len, struct err *e)
{
	struct vault *v = calloc(1, sizeof(*v));
	const char *why;
	int line = 0;

	if (!v) {
		err_set(e, ERR_NOMEM, 0, "no memory for a key ring");
		return NULL;
	}
	v->active = VAULT_KEYS_MAX;
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;

		line++;
		why = line_read(v, text, n);
		if (why) {
			err_set(e, ERR_INPUT, 0, "%s:%d: %s", name, line, why);
			goto fail;
		}
		n += end != NULL;
		text += n;
		len -= n;
	}
	if (v->active < VAULT_KEYS_MAX)
		return v;
	err_set(e, ERR_INPUT, 0, "%s: no active key", name);
fail:
	vault_free(v);
	return NULL;
}

/* Up to room bytes of a file; the bytes read, or -1 and *e. */
static ssize_t
read_all(const char *path, char *dst, size_t room, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 1;
	int why;

	if (fd < 0)
		return err_set(e, ERR_IO, errno, "%s: %s", path, strerror(errno));
	while (len < room && n) {
		n = read(fd, dst + len, room - len);
		if (n < 0 && errno != EINTR)
			break;
		len += n > 0 ? (size_t)n : 0;
	}
	why = errno;
	close(fd);
	if (n < 0)
		return err_set(e, ERR_IO, why, "%s: %s", path, strerror(why));
	return (ssize_t)len;
}

struct vault *
vault_new(const char *path, struct err *e)
{
	char *text = crypto_key_new(VAULT_RING_MAX);
	struct vault *v = NULL;
	ssize_t len;

	if (!text) {
		err_set(e, ERR_NOMEM, 0, "no memory to read the key ring");
		return NULL;
	}
	len = read_all(path, text, VAULT_RING_MAX, e);
	if (len == VAULT_RING_MAX)
		err_set(e, ERR_INPUT, 0, "%s: larger than a key ring can be", path);
	else if (len >= 0)
		v = vault_parse(path, text, (size_t)len, e);
	crypto_key_free(text);
	return v;
}

void
vault_free(struct vault *v)
{
	if (!v)
		return;
	for (size_t i = 0; i < v->n; i++)
		crypto_key_free(v->keys[i].bytes);
	free(v);
}

/* What is bound to a box. gen is last and has no '|', so that no two places give one text. */
static int
place_text(const struct vault_place *at, struct buf *ad, struct err *e)
{
	assert(!strchr(at->table, '|') && !strchr(at->column, '|') && !strchr(at->gen, '|'));
	buf_init(ad, AD_MAX);
	if (buf_printf(ad, "ttsyncd|v1|%s|%s|%s|%s", at->table, at->column, at->id, at->gen))
		return err_set(e, ERR_INPUT, 0, "the name of a sealed value's place is too long");
	return 0;
}

static int
seal_with(const struct key *k, const struct vault_place *at, const void *plain, size_t len,
          struct buf *out, struct err *e)
{
	CLEANUP(buf_done) struct buf ad;
	size_t id_len = strlen(k->id);
	size_t size = HEAD_BYTES + id_len + CRYPTO_NONCE_BYTES + len + CRYPTO_TAG_BYTES;
	unsigned char *p, *nonce;

	if (place_text(at, &ad, e))
		return -1;
	if (len > VAULT_PLAIN_MAX)
		return err_set(e, ERR_INPUT, 0, "%zu bytes to seal, most is %u", len,
		               VAULT_PLAIN_MAX);
	p = buf_extend(out, size);
	if (!p)
		return err_set(e, ERR_NOMEM, 0, "no room for a sealed box");
	p[0] = VERSION;
	p[1] = (unsigned char)id_len;
	memcpy(p + HEAD_BYTES, k->id, id_len);
	nonce = p + HEAD_BYTES + id_len;
	crypto_random(nonce, CRYPTO_NONCE_BYTES);
	crypto_seal(k->bytes, nonce, ad.data, ad.len, plain, len, nonce + CRYPTO_NONCE_BYTES);
	return 0;
}

int
vault_seal(const struct vault *v, const struct vault_place *at, const void *plain, size_t len,
           struct buf *out, struct err *e)
{
	return seal_with(&v->keys[v->active], at, plain, len, out, e);
}

int
vault_box_key(const void *box, size_t len, char id[VAULT_KEY_ID_MAX + 1])
{
	const unsigned char *p = box;

	if (len < HEAD_BYTES || p[0] != VERSION ||
	    len < (size_t)HEAD_BYTES + p[1] + CRYPTO_NONCE_BYTES + CRYPTO_TAG_BYTES ||
	    !id_valid((const char *)p + HEAD_BYTES, p[1]))
		return -1;
	memcpy(id, p + HEAD_BYTES, p[1]);
	id[p[1]] = '\0';
	return 0;
}

int
vault_open(const struct vault *v, const struct vault_place *at, const void *box, size_t len,
           struct buf *out, struct err *e)
{
	CLEANUP(buf_done) struct buf ad;
	char id[VAULT_KEY_ID_MAX + 1];
	const unsigned char *nonce;
	const struct key *k;
	unsigned char *plain;
	size_t was = out->len, box_len;

	if (place_text(at, &ad, e))
		return -1;
	if (vault_box_key(box, len, id))
		return err_set(e, ERR_PARSE, 0, "%s.%s: not a sealed box", at->table, at->column);
	k = key_find(v, id, strlen(id));
	if (!k)
		return err_set(e, ERR_INPUT, 0, "%s.%s is sealed with key %s, not in the key ring",
		               at->table, at->column, id);
	nonce = (const unsigned char *)box + HEAD_BYTES + strlen(id);
	box_len = len - HEAD_BYTES - strlen(id) - CRYPTO_NONCE_BYTES;
	plain = buf_extend(out, box_len - CRYPTO_TAG_BYTES);
	if (!plain)
		return err_set(e, ERR_NOMEM, 0, "no room for an opened box");
	if (!crypto_open(k->bytes, nonce, ad.data, ad.len, nonce + CRYPTO_NONCE_BYTES, box_len,
	                 plain))
		return 0;
	out->len = was;
	out->data[was] = '\0';
	return err_set(e, ERR_AUTH, 0,
	               "%s.%s does not open with key %s: altered, or of another row", at->table,
	               at->column, id);
}

size_t
vault_keys(const struct vault *v)
{
	return v->n;
}

const char *
vault_key_id(const struct vault *v, size_t i)
{
	assert(i < v->n);
	return v->keys[i].id;
}

bool
vault_has_key(const struct vault *v, const char *id)
{
	return key_find(v, id, strlen(id)) != NULL;
}

const char *
vault_active(const struct vault *v)
{
	return v->keys[v->active].id;
}

static struct vault_place
canary_place(const char *key_id)
{
	return (struct vault_place){ "key_canary", "box", key_id, "0" };
}

int
vault_canary_make(const struct vault *v, const char *key_id, struct buf *out, struct err *e)
{
	struct vault_place at = canary_place(key_id);
	const struct key *k = key_find(v, key_id, strlen(key_id));

	if (!k)
		return err_set(e, ERR_INPUT, 0, "key %s is not in the key ring", key_id);
	return seal_with(k, &at, canary_text, sizeof(canary_text) - 1, out, e);
}

int
vault_canary_check(const struct vault *v, const char *key_id, const void *box, size_t len,
                   struct err *e)
{
	struct vault_place at = canary_place(key_id);
	CLEANUP(buf_done) struct buf plain;
	char id[VAULT_KEY_ID_MAX + 1];

	buf_init(&plain, VAULT_PLAIN_MAX);
	if (!vault_has_key(v, key_id))
		return err_set(e, ERR_INPUT, 0,
		               "key %s has sealed values here and is not in the key ring", key_id);
	if (vault_box_key(box, len, id) || strcmp(id, key_id) != 0 ||
	    vault_open(v, &at, box, len, &plain, NULL) || plain.len != sizeof(canary_text) - 1 ||
	    memcmp(plain.data, canary_text, plain.len) != 0)
		return err_set(e, ERR_AUTH, 0,
		               "key %s is not the key that sealed values here under this id",
		               key_id);
	return 0;
}
