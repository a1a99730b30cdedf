/*
 * routes: what answers each path of the web server, a file each. The argument is the struct web.
 */
#ifndef TTSYNC_ROUTES_H
#define TTSYNC_ROUTES_H

#include "daemon/io/httpd.h"

httpd_fn callback_get; /* /oauth/callback: TikTok's redirect after the seller's consent */
httpd_fn connect_any;  /* /connect/TOKEN: the merchant's page, and what is done on it */
httpd_fn health_live;  /* /healthz: the loop turns */
httpd_fn health_ready; /* /readyz: it can do its work */

#endif
