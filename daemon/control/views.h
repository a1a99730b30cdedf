/*
 * views: columns that more than one command shows.
 */
#ifndef TTSYNC_VIEWS_H
#define TTSYNC_VIEWS_H

#include "daemon/control/view.h"

/* A shop as `shops` lists it, and as `show` tells all of it. */
extern const struct view view_shops;
extern const struct view view_shop;
/* The links that connect and reauthorize give. */
extern const struct view view_links;
/* Key and value of an object. */
extern const struct view_col view_pairs[];

#endif
