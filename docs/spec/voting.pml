/*
 * The voting core: S1-S4 and N3 of SafetyRules (consensus/safety_rules.cpp), and the lemmas L1, L2
 * and L3 that rest on them.
 *
 * n = 4, f = 1, q = 3. Three honest validators; the fourth is Byzantine and its vote of every kind
 * for everything is always there. Every leader is Byzantine: each view has two blocks, with any
 * parents, and nobody need propose in turn.
 *
 * An honest validator may sign whatever S1-S4 allow, in any view, at any time, or never. So views,
 * timers, leaders, order of messages, lost messages and restarts (votes are durable before they
 * are sent) are all inside what is searched: a vote that is there may be seen by anyone at any
 * later moment. What the rules say beyond this only forbids more.
 *
 * One step is one vote.
 */

#ifndef VIEWS
#define VIEWS 2 /* 2 or 3 */
#endif
#if VIEWS < 2 || VIEWS > 3
#error VIEWS is 2 or 3
#endif
#define BLOCKS (2 * VIEWS) /* blocks 1 .. BLOCKS, two a view; 0 is the epoch root, in view 0 */
#define BLOCK(view, variant) (2 * (view) - 1 + (variant))
#define VIEW(block) (((block) + 1) / 2)

/* What an honest validator signed, a bit for each vote: in each view Notarize of either block,
 * Finalize of either block, Nullify. Validators are alike: the words are kept sorted. */
int votes[3];
byte parent[BLOCKS + 1];

#define NOTARIZE(block) (1 << (5 * (VIEW(block) - 1) + ((block) + 1) % 2))
#define FINALIZE(block) (NOTARIZE(block) << 2)
#define NULLIFY(view) (1 << (5 * ((view) - 1) + 4))
#define NOTARIZE_ANY(view) (NOTARIZE(BLOCK(view, 0)) | NOTARIZE(BLOCK(view, 1)))
#define FINALIZE_ANY(view) (FINALIZE(BLOCK(view, 0)) | FINALIZE(BLOCK(view, 1)))
#define SIGNED(node, some) ((votes[node] & (some)) != 0)

/* Votes with a certificate: q = 3, the Byzantine one and two more. */
#ifdef BUG_QUORUM_MINUS_ONE
#define CERTIFICATES (votes[0] | votes[1] | votes[2])
#else
#define CERTIFICATES ((votes[0] & votes[1]) | (votes[0] & votes[2]) | (votes[1] & votes[2]))
#endif
#define CERTIFIED(some) ((CERTIFICATES & (some)) != 0)

/* N3: the parent is certified and every view between was nullified. */
#ifdef BUG_UNCERTIFIED_PARENT
#define PARENT_CERTIFIED(block) true
#else
#define PARENT_CERTIFIED(block) \
    (parent[block] == 0 || CERTIFIED(NOTARIZE(parent[block]) | FINALIZE(parent[block])))
#endif
#define SKIPPED(block, view) \
    (VIEW(block) <= (view) || VIEW(parent[block]) >= (view) || CERTIFIED(NULLIFY(view)))
#ifdef BUG_NO_SKIP_CHECK
#define VIEWS_SKIPPED(block) true
#else
#define VIEWS_SKIPPED(block) (SKIPPED(block, 1) && SKIPPED(block, 2))
#endif

/* S1: one Notarize digest per view, none after my Nullify. */
#ifdef BUG_DOUBLE_NOTARIZE
#define S1(node, block) (!SIGNED(node, NOTARIZE(block) | NULLIFY(VIEW(block))))
#else
#define S1(node, block) (!SIGNED(node, NOTARIZE_ANY(VIEW(block)) | NULLIFY(VIEW(block))))
#endif

/* S2: never both Nullify and Finalize in one view. One Finalize per view. */
#ifdef BUG_NULLIFY_THEN_FINALIZE
#define S2_FINALIZE(node, view) (!SIGNED(node, FINALIZE_ANY(view)))
#else
#define S2_FINALIZE(node, view) (!SIGNED(node, FINALIZE_ANY(view) | NULLIFY(view)))
#endif
#ifdef BUG_FINALIZE_THEN_NULLIFY
#define S2_NULLIFY(node, view) (!SIGNED(node, NULLIFY(view)))
#else
#define S2_NULLIFY(node, view) (!SIGNED(node, FINALIZE_ANY(view) | NULLIFY(view)))
#endif

/* S3: Notarize only if N3 holds. */
#define S3(block) (PARENT_CERTIFIED(block) && VIEWS_SKIPPED(block))

/* S4: Finalize only with a Notarization. */
#ifdef BUG_FINALIZE_WITHOUT_NOTARIZATION
#define S4(block) true
#else
#define S4(block) CERTIFIED(NOTARIZE(block))
#endif

#define SIGN(node, allowed, some) :: allowed -> votes[node] = votes[node] | (some)
#define BLOCK_VOTES(node, block) \
    SIGN(node, S1(node, block) && S3(block) && !SIGNED(node, NOTARIZE(block)), NOTARIZE(block)) \
    SIGN(node, S2_FINALIZE(node, VIEW(block)) && S4(block), FINALIZE(block))
#define VIEW_VOTES(node, view) \
    BLOCK_VOTES(node, BLOCK(view, 0)) BLOCK_VOTES(node, BLOCK(view, 1)) \
    SIGN(node, S2_NULLIFY(node, view), NULLIFY(view))
#if VIEWS == 2
#define VOTES(node) VIEW_VOTES(node, 1) VIEW_VOTES(node, 2)
#else
#define VOTES(node) VIEW_VOTES(node, 1) VIEW_VOTES(node, 2) VIEW_VOTES(node, 3)
#endif

/* For use inside one step only; not part of a state. */
hidden int certificates;
hidden int swap;
hidden byte high;
hidden byte low;
hidden byte at;

#define HAS(some) ((certificates & (some)) != 0)

/* at = the first ancestor of `high`, itself included, that is not above the view of `low`. */
inline descend() {
    at = high;
    do
    :: VIEW(at) > VIEW(low) -> at = parent[at]
    :: else -> break
    od
}

inline check() {
    certificates = CERTIFICATES;
    for (low : 1 .. BLOCKS) {
        if
        :: HAS(FINALIZE(low)) ->
            for (high : 1 .. BLOCKS) {
                if
                :: VIEW(high) >= VIEW(low) && HAS(NOTARIZE(high) | FINALIZE(high)) ->
                    descend();
                    /* Agreement: two finalised blocks are on one chain. */
                    assert(at == low || !HAS(FINALIZE(high)));
#ifndef AGREEMENT_ONLY
                    /* L3: what is notarized above a finalised block extends it. */
                    assert(at == low);
#endif
                :: else
                fi
            }
#ifndef AGREEMENT_ONLY
            /* L2: no Finalization beside a Nullification. */
            assert(!HAS(NULLIFY(VIEW(low))));
#endif
        :: else
        fi;
#ifndef AGREEMENT_ONLY
        /* L1: two Notarizations in one view do not differ. */
        assert(!HAS(NOTARIZE(BLOCK(VIEW(low), 0))) || !HAS(NOTARIZE(BLOCK(VIEW(low), 1))));
#endif
    }
    low = 0;
    high = 0;
    at = 0
}

/* What the rules must leave possible: each of these asserts has to fail. */
inline witness() {
#if defined(WITNESS_FINALIZED)
    assert(!HAS(FINALIZE(BLOCK(VIEWS, 0))));
#elif defined(WITNESS_CHAIN)
    assert(!HAS(FINALIZE(BLOCK(1, 0))) || !HAS(FINALIZE(BLOCK(2, 0))));
#elif defined(WITNESS_SKIP)
    assert(!HAS(FINALIZE(BLOCK(2, 0))) || parent[BLOCK(2, 0)] != 0);
#elif defined(WITNESS_SPLIT)
    /* Both certificates exist of view 1, and its block lives on. */
    assert(!HAS(NULLIFY(1)) || !HAS(FINALIZE(BLOCK(2, 0))) || parent[BLOCK(2, 0)] != 1);
#else
    skip
#endif
}

#define ORDER(one, other) \
    if \
    :: votes[one] < votes[other] -> \
        swap = votes[one]; votes[one] = votes[other]; votes[other] = swap; swap = 0 \
    :: else \
    fi

/* The two blocks of a view get any parents of lower views; the names of the two may be swapped. */
inline choose(block, last) {
    do
    :: parent[block] < (last) -> parent[block]++
    :: break
    od
}
inline choose_parents(view) {
    choose(BLOCK(view, 0), BLOCK(view, 0) - 1);
    choose(BLOCK(view, 1), parent[BLOCK(view, 0)])
}

init {
    atomic {
        choose_parents(2);
#if VIEWS == 3
        choose_parents(3);
#endif
    }
end:
    do
    :: atomic {
        if
        VOTES(0)
        VOTES(1)
        VOTES(2)
        fi;
        d_step {
            ORDER(0, 1);
            ORDER(1, 2);
            ORDER(0, 1);
            check();
            witness();
            certificates = 0
        }
    }
    od
}
