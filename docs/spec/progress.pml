/*
 * Progress of voting: nobody honest is ever stuck in a view, and an honest leader's block becomes
 * final once messages arrive in time. n = 4, q = 3, three honest validators.
 *
 * View 1 has a Byzantine leader with two blocks, either of which it shows or not, and timers that
 * fire at any time. View 2 has an honest leader, and nobody's timer fires. The Byzantine validator
 * votes for anything or nothing; its votes and blocks are there from the start, as honest ones may
 * see them as late as they like. A vote is first journaled, then sent; a crash between the two, or
 * a lost message, is a vote that waits until it is sent again. What an honest validator can do it
 * does in the end. Votes are only ever added, so each run ends, and where it ends is judged.
 */

#define NOTARIZE(view, variant) (1 << (5 * ((view) - 1) + (variant)))
#define FINALIZE(view, variant) (4 << (5 * ((view) - 1) + (variant)))
#define NULLIFY(view) (16 << (5 * ((view) - 1)))
#define ANY(view) (31 << (5 * ((view) - 1)))
#define NOTARIZE_ANY(view) (3 << (5 * ((view) - 1)))
#define FINALIZE_ANY(view) (12 << (5 * ((view) - 1)))

/* Of an honest validator: votes in its journal, above them those sent, its view, whether it leads
 * view 2. Alike: kept sorted. */
#define SENT(votes) ((votes) << 10)
#define VIEW_ONE (1 << 20)
#define LEADER (1 << 23)
int node[3] = VIEW_ONE;
#define VIEW_OF(i) ((node[i] / VIEW_ONE) & 3)
#define HAS(i, some) ((node[i] & (some)) != 0)

byte shown;   /* blocks of view 1 that its leader has shown, a bit each */
int byzantine; /* votes of the Byzantine validator */
#ifdef BUG_NOT_SENT_AGAIN
bool quiet; /* what is not sent by now was lost */
#endif

#ifdef BUG_BYZANTINE_NEEDED
#define CERTIFICATES (node[0] & node[1] & node[2] & SENT(byzantine))
#else
#define CERTIFICATES \
    ((node[0] & node[1] & node[2]) | (node[0] & node[1] & SENT(byzantine)) | \
     (node[0] & node[2] & SENT(byzantine)) | (node[1] & node[2] & SENT(byzantine)))
#endif
#define CERTIFIED(votes) ((CERTIFICATES & SENT(votes)) != 0)

/* A view is left on any certificate of it. */
#ifdef BUG_NOTARIZATION_DOES_NOT_LEAD_ON
#define LEADS_ON(view) (NULLIFY(view) | FINALIZE_ANY(view))
#else
#define LEADS_ON(view) ANY(view)
#endif
/* A Notarize of view 1 that was not sent does nothing once that view is left. */
#define ENTER(i, view) \
    :: VIEW_OF(i) <= (view) && CERTIFIED(LEADS_ON(view)) -> \
        node[i] = (node[i] & ~NOTARIZE_ANY(1)) + ((view) + 1 - VIEW_OF(i)) * VIEW_ONE

#define FIRST_NOTARIZE(i, view) (!HAS(i, NOTARIZE_ANY(view) | NULLIFY(view)))
#define LEADER_PROPOSED \
    ((HAS(0, LEADER) && HAS(0, SENT(NOTARIZE(2, 0)))) || \
     (HAS(1, LEADER) && HAS(1, SENT(NOTARIZE(2, 0)))) || \
     (HAS(2, LEADER) && HAS(2, SENT(NOTARIZE(2, 0)))))
/* A timer of view 1 may fire at any time, whatever was notarized, and does in the end. */
#ifdef BUG_NO_TIMEOUT_AFTER_NOTARIZE
#define NO_TIMEOUT (NOTARIZE_ANY(1) | FINALIZE_ANY(1) | NULLIFY(1))
#else
#define NO_TIMEOUT (FINALIZE_ANY(1) | NULLIFY(1))
#endif
/* Also of a view that was left, and of a block that I never notarized. */
#ifdef BUG_FINALIZE_ONLY_WHAT_I_NOTARIZED
#define MAY_FINALIZE(i) HAS(i, NOTARIZE(2, 0))
#else
#define MAY_FINALIZE(i) true
#endif
#define FINALIZE_VOTE(i, view, variant, condition) \
    :: (condition) && !HAS(i, FINALIZE_ANY(view) | NULLIFY(view)) && \
       CERTIFIED(NOTARIZE(view, variant)) -> \
        node[i] = node[i] | FINALIZE(view, variant) | SENT(FINALIZE(view, variant))

/* Sent again every t_R: Notarize and Nullify while in their view, so those of a validator that
 * leaves it first may never be sent; Finalize until there is a Finalization, as good as at once. */
#ifdef BUG_NOT_SENT_AGAIN
#define SENDS !quiet
#else
#define SENDS true
#endif
#define SEND(i, some, condition) \
    :: SENDS && HAS(i, some) && !HAS(i, SENT(some)) && (condition) -> node[i] = node[i] | SENT(some)

#define NODE(i) \
    ENTER(i, 1) ENTER(i, 2) \
    :: VIEW_OF(i) == 1 && FIRST_NOTARIZE(i, 1) && (shown & 1) -> \
        node[i] = node[i] | NOTARIZE(1, 0) \
    :: VIEW_OF(i) == 1 && FIRST_NOTARIZE(i, 1) && (shown & 2) -> \
        node[i] = node[i] | NOTARIZE(1, 1) \
    :: VIEW_OF(i) == 1 && !HAS(i, NO_TIMEOUT) -> node[i] = node[i] | NULLIFY(1) \
    :: VIEW_OF(i) == 2 && FIRST_NOTARIZE(i, 2) && (HAS(i, LEADER) || LEADER_PROPOSED) -> \
        node[i] = node[i] | NOTARIZE(2, 0) \
    FINALIZE_VOTE(i, 1, 0, true) FINALIZE_VOTE(i, 1, 1, true) \
    FINALIZE_VOTE(i, 2, 0, MAY_FINALIZE(i)) \
    SEND(i, NOTARIZE(1, 0), VIEW_OF(i) == 1) SEND(i, NOTARIZE(1, 1), VIEW_OF(i) == 1) \
    SEND(i, NULLIFY(1), VIEW_OF(i) == 1) SEND(i, NOTARIZE(2, 0), VIEW_OF(i) == 2)

/* For use inside one step only; not part of a state. */
hidden int swap;
inline order(one, other) {
    if
    :: node[one] < node[other] ->
        swap = node[one];
        node[one] = node[other];
        node[other] = swap;
        swap = 0
    :: else
    fi
}

inline judge() {
#if defined(WITNESS_END)
    assert(false);
#elif defined(WITNESS_SPLIT)
    /* View 1 ends with a Finalize of one and Nullify of others, and without the Byzantine one. */
    assert(byzantine != 0 || !HAS(0, FINALIZE_ANY(1)) || !HAS(1, NULLIFY(1)) ||
           !HAS(2, NULLIFY(1)));
#else
    /* Nobody is stuck in a view. */
    assert(VIEW_OF(0) == 3 && VIEW_OF(1) == 3 && VIEW_OF(2) == 3);
    /* The honest leader's block is final. */
    assert(CERTIFIED(FINALIZE(2, 0)))
#endif
}

#define CHOOSE(some) \
    if \
    :: byzantine = byzantine | (some) \
    :: true \
    fi

init {
    bool over = false;
    atomic {
        node[0] = node[0] | LEADER;
        if
        :: shown = 0
        :: shown = 1
#ifndef ONE_BLOCK
        :: shown = 3
#endif
        fi;
        /* More votes of it change nothing: a Finalization of view 1 comes after a Notarization, and
         * to finalise view 2 without its help is the harder part. */
        CHOOSE(NOTARIZE(1, 0));
#ifndef ONE_BLOCK
        CHOOSE(NOTARIZE(1, 1));
#endif
        CHOOSE(NULLIFY(1));
        CHOOSE(NOTARIZE(2, 0))
    }
    do
    :: over -> break
    :: !over -> atomic {
        if
        NODE(0)
        NODE(1)
        NODE(2)
#ifdef BUG_NOT_SENT_AGAIN
        :: !quiet -> quiet = true
#endif
        :: else ->
            judge();
            over = true
        fi;
        d_step {
            order(0, 1);
            order(1, 2);
            order(0, 1)
        }
    }
    od
}
