#include "daemon/tiktok/auth.h"

#include "common/json.h"
#include "common/str.h"
#include "daemon/tiktok/page.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char *const required_scopes[] = {
	"seller.authorization.info",
	"seller.order.info",
	"seller.product.basic",
	"seller.logistics",
};

int
auth_page_url(struct buf *out, const char *authorize_url, const char *service_id, const char *state)
{
	buf_printf(out, "%s?", authorize_url);
	str_query(out, "service_id", service_id);
	return str_query(out, "state", state);
}

static int
token_url(struct buf *out, const char *base, const char *path, const char *app_key,
          const char *secret)
{
	buf_printf(out, "%s%s?", base, path);
	str_query(out, "app_key", app_key);
	return str_query(out, "app_secret", secret);
}

int
auth_get_url(struct buf *out, const char *auth_url, const char *app_key, const char *secret,
             const char *code)
{
	token_url(out, auth_url, "/api/v2/token/get", app_key, secret);
	str_query(out, "auth_code", code);
	return str_query(out, "grant_type", "authorized_code");
}

int
auth_refresh_url(struct buf *out, const char *auth_url, const char *app_key, const char *secret,
                 const char *refresh_token)
{
	token_url(out, auth_url, "/api/v2/token/refresh", app_key, secret);
	str_query(out, "refresh_token", refresh_token);
	return str_query(out, "grant_type", "refresh_token");
}

static int
read_expiry(const struct json *data, const char *key, struct wall api_now, struct wall *ret)
{
	int64_t v;

	if (json_i64(data, key, &v) || v <= 0)
		return -1;
	ret->s = v < TT_ABSOLUTE_MIN ? api_now.s + v : v;
	return ret->s <= PAGE_TIME_MAX ? 0 : -1;
}

static bool
read_text(const struct json *data, const char *key, char *dst, size_t room)
{
	const char *s = json_str(data, key);

	return s && *s && str_copy(dst, room, s);
}

static void
read_scopes(const struct json *data, struct tt_tokens *ret)
{
	const struct json *a = json_get(data, "granted_scopes");

	if (!a)
		a = json_get(data, "granted_permissions");
	ret->scopes_known = json_is_arr(a);
	for (size_t i = 0; i < json_len(a) && ret->nscopes < TT_SCOPES_MAX; i++) {
		const char *s = json_text(json_at(a, i));

		if (s && str_copy(ret->scopes[ret->nscopes], TT_SCOPE_LEN, s))
			ret->nscopes++;
	}
}

int
auth_read_tokens(const struct json *root, struct wall api_now, struct tt_tokens *ret, struct err *e)
{
	const struct json *data = json_get(root, "data");
	int64_t type = 0;

	memset(ret, 0, sizeof(*ret));
	if (!read_text(data, "access_token", ret->access, sizeof(ret->access)) ||
	    !read_text(data, "refresh_token", ret->refresh, sizeof(ret->refresh)) ||
	    !read_text(data, "open_id", ret->open_id, sizeof(ret->open_id)) ||
	    read_expiry(data, "access_token_expire_in", api_now, &ret->access_expires) ||
	    read_expiry(data, "refresh_token_expire_in", api_now, &ret->refresh_expires)) {
		tt_tokens_wipe(ret);
		return err_set(e, ERR_PARSE, 0, "the token answer lacks a field");
	}
	read_text(data, "seller_name", ret->seller_name, sizeof(ret->seller_name));
	read_text(data, "seller_base_region", ret->region, sizeof(ret->region));
	json_i64(data, "user_type", &type);
	ret->user_type = type >= 0 && type <= INT_MAX ? (int)type : -1;
	read_scopes(data, ret);
	return 0;
}

void
tt_tokens_wipe(struct tt_tokens *t)
{
	explicit_bzero(t, sizeof(*t));
}

static bool
has_scope(const struct tt_tokens *t, const char *scope)
{
	for (int i = 0; i < t->nscopes; i++)
		if (!strcmp(t->scopes[i], scope))
			return true;
	return false;
}

void
auth_missing_scopes(const struct tt_tokens *t, char *dst, size_t room)
{
	size_t len = 0;

	dst[0] = '\0';
	if (!t->scopes_known)
		return;
	for (size_t i = 0; i < ARRAY_LEN(required_scopes); i++) {
		int n;

		if (has_scope(t, required_scopes[i]))
			continue;
		n = snprintf(dst + len, room - len, "%s%s", len ? ", " : "", required_scopes[i]);
		if (n < 0 || (size_t)n >= room - len)
			return;
		len += (size_t)n;
	}
}

enum auth_outcome
auth_read_callback(const char *code, const char *state, const char *error)
{
	if (!state || !*state)
		return AUTH_NO_STATE;
	/* denied: any error, or no code, or the four letters "null" (2.3) */
	if ((error && *error) || !code || !*code || !strcmp(code, "null"))
		return AUTH_DENIED;
	return AUTH_CODE;
}
