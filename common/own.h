/*
 * own: locals that clean up after themselves, and handing over what they hold.
 */
#ifndef TTSYNC_OWN_H
#define TTSYNC_OWN_H

/* CLEANUP(fn) T x: fn(&x) runs when x goes out of scope. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Take the pointer out of p and leave NULL behind: the caller owns it now. */
#define STEAL(p)                                                                                   \
	({                                                                                         \
		__auto_type steal_ = (p);                                                          \
		(p) = NULL;                                                                        \
		steal_;                                                                            \
	})

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* void x_freep(T **p): calls x_free on what a CLEANUP local holds. */
#define FREEP(type, name)                                                                          \
	static inline void name##_freep(type **p)                                                  \
	{                                                                                          \
		name##_free(*p);                                                                   \
	}

/* free() for a CLEANUP local of any pointer type. */
static inline void
own_free(void *p)
{
	__builtin_free(*(void **)p);
}

#endif
