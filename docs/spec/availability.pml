/*
 * Availability of batches: N5, Ack, Take, Keep and Once only. What a notarized chain names can be
 * had from an honest validator until a certified snapshot stands for it, and no chain names a
 * batch twice.
 *
 * n = 4, q = 3, f + 1 = 2: three honest validators, and a Byzantine one that votes for and
 * acknowledges everything, wrote the batch and gives it to whom it likes, and leads every view.
 * Such a leader may do all that an honest one may in mode OPTIMISTIC or STRICT.
 *
 * One batch: the rules speak of one batch at a time, and others could only delay it. One block a
 * view (L1); what is finalised is not skipped and what comes later extends it (L2, L3):
 * voting.pml. Votes for blocks that do not name the batch are left out: such a block may always be
 * notarized. Executing the block that names it needs it. A checkpoint is one that covers this
 * block. A snapshot that does is certified by the Byzantine validator and two honest ones with
 * such a checkpoint.
 */

#ifndef VIEWS
#define VIEWS 3 /* 3 to 5 */
#endif
#if VIEWS < 3 || VIEWS > 5
#error VIEWS is 3 to 5
#endif
#ifndef W
#define W 1 /* the window of N5, in heights */
#endif

/* Blocks, by view; block 0 is the epoch root. No height: not proposed. */
byte parent[VIEWS + 1];
byte height[VIEWS + 1];
byte named[VIEWS + 1]; /* height at which the block's chain last names the batch, or 0 */
byte expires;          /* the batch's expires_height */
byte finals;           /* views with a Finalization, a bit each */
bool acked;            /* an honest validator has sent an Ack */
byte notarized;        /* views of notarized blocks that do not name the batch, a bit each */

/* Of an honest validator: Notarize votes for blocks that name the batch, a bit for each view,
 * whether it holds the batch durably, whether it has a durable checkpoint, its finalised view. They
 * are alike: kept sorted. */
int node[3];
#define HOLDS (1 << 5)
#define CHECKPOINT (1 << 6)
#define FLOOR_ONE (1 << 7)
#define BIT(view) (1 << ((view) - 1))
#define HAS(i, some) ((node[i] & (some)) != 0)
#define FLOOR(i) (node[i] / FLOOR_ONE)
#define TWO(some) \
    ((((node[0] & node[1]) | (node[0] & node[2]) | (node[1] & node[2])) & (some)) != 0)
#define NOTARIZED(view) ((view) == 0 || (notarized & BIT(view)) != 0 || TWO(BIT(view)))
#define NAMES(view) (height[view] != 0 && named[view] == height[view])
#define SNAPSHOT TWO(CHECKPOINT)

/* N5, what the header alone shows. */
#ifdef BUG_NO_WINDOW_CHECK
#define NOT_IN_WINDOW(below) true
#else
#define NOT_IN_WINDOW(below) (named[below] == 0 || named[below] + W <= height[below])
#endif
#ifdef BUG_EXPIRED_BATCH
#define NOT_EXPIRED(below) true
#else
#define NOT_EXPIRED(below) (expires >= height[below] + 1)
#endif
#ifdef BUG_NO_EXPIRY_LIMIT
#define NOT_TOO_FAR(below) true
#else
#define NOT_TOO_FAR(below) (expires <= height[below] + 1 + W)
#endif
#define MAY_NAME(below) (NOT_IN_WINDOW(below) && NOT_EXPIRED(below) && NOT_TOO_FAR(below))

/* Availability certificate: f + 1 Acks, the Byzantine one and an honest one. */
#ifdef BUG_AC_OF_F_ACKS
#define AVAILABLE true
#else
#define AVAILABLE acked
#endif
/* N5, the data. */
#ifdef BUG_VOTE_WITHOUT_HOLDING
#define DATA(i, view) true
#else
#define DATA(i, view) (HAS(i, HOLDS) || AVAILABLE)
#endif

/* N3, with the floor: nothing finalised is skipped. */
#define BITS_BELOW(view) ((1 << (view)) - 1)
#define NONE_FINAL(above, below) ((finals & BITS_BELOW((below) - 1) & ~BITS_BELOW(above)) == 0)
#define PARENT(view, below) \
    (height[view] == 0 && (below == 0 || height[below] != 0) && NOTARIZED(below) && \
     NONE_FINAL(below, view))
#define PROPOSE(view, below) \
    :: PARENT(view, below) -> \
        parent[view] = below; height[view] = height[below] + 1; named[view] = named[below]; \
        notarized = notarized | BIT(view) \
    :: PARENT(view, below) && MAY_NAME(below) -> \
        parent[view] = below; height[view] = height[below] + 1; named[view] = height[view]
#define NOT_SKIPPED(view, by) ((by) <= (view) || height[by] == 0 || parent[by] >= (view))
#if VIEWS == 3
#define NEVER_SKIPPED(view) (NOT_SKIPPED(view, 2) && NOT_SKIPPED(view, 3))
#elif VIEWS == 4
#define NEVER_SKIPPED(view) (NOT_SKIPPED(view, 2) && NOT_SKIPPED(view, 3) && NOT_SKIPPED(view, 4))
#else
#define NEVER_SKIPPED(view) \
    (NOT_SKIPPED(view, 2) && NOT_SKIPPED(view, 3) && NOT_SKIPPED(view, 4) && NOT_SKIPPED(view, 5))
#endif
#define FINALIZE(view) \
    :: (finals & BIT(view)) == 0 && height[view] != 0 && NOTARIZED(view) && \
       NEVER_SKIPPED(view) -> finals = finals | BIT(view)

#define VOTE(i, view) \
    :: NAMES(view) && !HAS(i, BIT(view)) && (view) > FLOOR(i) && parent[view] >= FLOOR(i) && \
       DATA(i, view) -> node[i] = node[i] | BIT(view)
#define LEARN(i, view) \
    :: (finals & BIT(view)) != 0 && FLOOR(i) < (view) -> \
        node[i] = node[i] + ((view) - FLOOR(i)) * FLOOR_ONE

/* Take: of a batch that nothing names, only what expires in (F, F + W]; what a proposal or a
 * certificate names, always. */
#if VIEWS == 3
#define WANTED (NAMES(1) || NAMES(2) || NAMES(3))
#elif VIEWS == 4
#define WANTED (NAMES(1) || NAMES(2) || NAMES(3) || NAMES(4))
#else
#define WANTED (NAMES(1) || NAMES(2) || NAMES(3) || NAMES(4) || NAMES(5))
#endif
#define TAKE_RANGE(i) (expires > height[FLOOR(i)] && expires <= height[FLOOR(i)] + W)
#define TAKE(i) \
    :: !HAS(i, HOLDS) && (TAKE_RANGE(i) || WANTED) -> node[i] = node[i] | HOLDS \
    :: HAS(i, HOLDS) && !acked -> acked = true

/* Keep. */
#if defined(BUG_DROP_BEFORE_CHECKPOINT)
#define COVERED(i) true
#elif defined(BUG_DROP_BEFORE_SNAPSHOT)
#define COVERED(i) HAS(i, CHECKPOINT)
#else
#define COVERED(i) (HAS(i, CHECKPOINT) && SNAPSHOT)
#endif
#if defined(BUG_DROP_BEFORE_EXPIRY)
#define DIED(i) (named[FLOOR(i)] == 0)
#elif defined(BUG_DROP_EXPIRED_NAMED)
#define DIED(i) (expires <= height[FLOOR(i)])
#else
#define DIED(i) (named[FLOOR(i)] == 0 && expires <= height[FLOOR(i)])
#endif
#define DROP(i) \
    :: HAS(i, HOLDS) && ((named[FLOOR(i)] != 0 && COVERED(i)) || DIED(i)) -> \
        node[i] = node[i] & ~HOLDS

/* The finalised block is executed, which needs its batch, and a checkpoint made durable; or a
 * certified snapshot is installed. */
#define EXECUTE(i) \
    :: named[FLOOR(i)] != 0 && !HAS(i, CHECKPOINT) && (HAS(i, HOLDS) || SNAPSHOT) -> \
        node[i] = node[i] | CHECKPOINT

/* "Held" means durable: nothing to lose in a crash. */
#ifdef BUG_HELD_IN_MEMORY
#define CRASH(i) :: HAS(i, HOLDS) -> node[i] = node[i] & ~HOLDS
#else
#define CRASH(i)
#endif

#define NODE(i) \
    VOTE(i, 1) VOTE(i, 2) VOTE(i, 3) VOTE_4(i) VOTE_5(i) LEARN(i, 1) LEARN(i, 2) LEARN(i, 3) \
    LEARN_4(i) LEARN_5(i) TAKE(i) DROP(i) EXECUTE(i) CRASH(i)
#if VIEWS >= 4
#define VOTE_4(i) VOTE(i, 4)
#define LEARN_4(i) LEARN(i, 4)
#else
#define VOTE_4(i)
#define LEARN_4(i)
#endif
#if VIEWS >= 5
#define VOTE_5(i) VOTE(i, 5)
#define LEARN_5(i) LEARN(i, 5)
#else
#define VOTE_5(i)
#define LEARN_5(i)
#endif

/* For use inside one step only; not part of a state. */
hidden byte view;
hidden byte at;
hidden byte last;
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

inline check() {
    last = 0;
    for (view : 1 .. VIEWS) {
        if
        :: (finals & BIT(view)) != 0 -> last = view
        :: else
        fi
    }
    for (view : 1 .. VIEWS) {
        if
        :: NAMES(view) && NOTARIZED(view) ->
            /* Once only: no batch twice on a notarized chain. */
            assert(named[parent[view]] == 0);
            at = last;
            do
            :: at > view -> at = parent[at]
            :: else -> break
            od;
            /* On the chain that lives: an ancestor of what is finalised, or above it. */
            if
            :: (at == view || view > last) && !SNAPSHOT ->
                assert(HAS(0, HOLDS) || HAS(1, HOLDS) || HAS(2, HOLDS))
            :: else
            fi
        :: else
        fi
    }
    view = 0;
    at = 0;
    last = 0
}

/* What the rules must leave possible: each of these asserts has to fail. */
inline witness() {
#if defined(WITNESS_VOTE_BY_CERTIFICATE)
    /* A batch is finalised that one validator alone held. */
    assert(!(NAMES(1) && finals == BIT(1) && HAS(0, HOLDS) + HAS(1, HOLDS) + HAS(2, HOLDS) == 1 &&
             FLOOR(0) == 0 && FLOOR(1) == 0 && FLOOR(2) == 0));
#elif defined(WITNESS_DROPPED_BY_ALL)
    assert(!(named[FLOOR(2)] != 0 && SNAPSHOT && !HAS(0, HOLDS) && !HAS(1, HOLDS) &&
             !HAS(2, HOLDS)));
#elif defined(WITNESS_NAMED_AGAIN)
    /* On another branch, after the block that first named it was skipped. */
    assert(!(NAMES(1) && NOTARIZED(1) && NAMES(2) && parent[2] == 0 && (finals & BIT(2)) != 0));
#elif defined(WITNESS_EXPIRED)
    assert(!(acked && !NAMES(1) && !NAMES(2) && !NAMES(3) && expires <= height[FLOOR(0)] &&
             !HAS(0, HOLDS) && !HAS(1, HOLDS) && !HAS(2, HOLDS)));
#else
    skip
#endif
}

init {
    atomic {
        expires = 1;
        do
        :: expires <= VIEWS -> expires++
        :: break
        od
    }
end:
    do
    :: atomic {
        if
        PROPOSE(1, 0) PROPOSE(2, 0) PROPOSE(2, 1) PROPOSE(3, 0) PROPOSE(3, 1) PROPOSE(3, 2)
        FINALIZE(1) FINALIZE(2) FINALIZE(3)
#if VIEWS >= 4
        PROPOSE(4, 0) PROPOSE(4, 1) PROPOSE(4, 2) PROPOSE(4, 3)
        FINALIZE(4)
#endif
#if VIEWS >= 5
        PROPOSE(5, 0) PROPOSE(5, 1) PROPOSE(5, 2) PROPOSE(5, 3) PROPOSE(5, 4)
        FINALIZE(5)
#endif
        NODE(0)
        NODE(1)
        NODE(2)
        fi;
        d_step {
            order(0, 1);
            order(1, 2);
            order(0, 1);
            check();
            witness()
        }
    }
    od
}
