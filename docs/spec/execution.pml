/*
 * Execution certificates anchored in headers: N2's heights, N6 and N7 (consensus/proposal_check.cpp), votes given
 * on notarization (consensus/execution_votes.cpp, node/replica). What a final header anchors is a
 * root of its own chain that a quorum has executed; it never goes back; payload never runs further
 * ahead of execution than the lag; and where execution goes on, payload does.
 *
 * n = 4, f = 1, q = 3: a Byzantine validator that gives every ExecVote, three honest ones. One
 * notarized block a view at most (L1), with any parent that N3 allows; what is finalised is not
 * skipped (L2, L3: voting.pml). Leaders are Byzantine and choose exec and payload as they like, so a
 * header is one that honest voters' N6 and N7 let pass. An honest validator executes notarized
 * blocks, final or not, each on its parent, in any order and at any time, and its vote names the
 * digest: nullified siblings get votes, and certificates, too. A vote once sent may be seen by
 * anyone at any later moment.
 *
 * A run ends when everybody has executed everything: then the next view has an honest leader.
 */

#ifndef VIEWS
#define VIEWS 4 /* 3 to 6 */
#endif
#if VIEWS < 3 || VIEWS > 6
#error VIEWS is 3 to 6
#endif
#ifndef LAG
#define LAG 1 /* MAX_LAG */
#endif

/* Blocks by view; 0 is the root, executed by all, height 0. No height elsewhere: not proposed. */
byte parent[VIEWS + 1];
byte height[VIEWS + 1];
byte exec[VIEWS + 1];  /* view of the block whose root the header anchors */
bool payload[VIEWS + 1];
byte finals;           /* views with a Finalization, a bit each */
byte node[3];          /* ExecVotes of an honest validator, a bit for each view; alike: sorted */

#define BIT(view) (1 << (view))
#define VOTED(i, view) ((view) == 0 || (node[i] & BIT(view)) != 0)
#define EXISTS(view) ((view) == 0 || height[view] != 0)
#define BITS_BELOW(view) ((1 << (view)) - 1)
/* No view between was finalised, so all between can be nullified. */
#define NONE_FINAL(above, below) ((finals & BITS_BELOW(below) & ~BITS_BELOW((above) + 1)) == 0)

/* ExecCert: q equal votes, the Byzantine one among them. */
#define HONEST_VOTES(view) (VOTED(0, view) + VOTED(1, view) + VOTED(2, view))
#if defined(BUG_NO_CERTIFICATE)
#define CERTIFIED(view) true
#elif defined(BUG_CERTIFICATE_OF_F_PLUS_ONE)
#define CERTIFIED(view) (HONEST_VOTES(view) >= 1)
#else
#define CERTIFIED(view) (HONEST_VOTES(view) >= 2)
#endif

/* For use inside one step only: zero again when it ends. Those chosen cannot be hidden. */
byte view;
byte below;
byte named;
byte loaded;
hidden byte good;
hidden byte at;
hidden byte tip;
hidden byte other;
hidden byte backlog;

/* at = the ancestor of `from`, itself included, that is not above the height of `target`. */
inline descend(from, target) {
    at = from;
    do
    :: height[at] > height[target] -> at = parent[at]
    :: else -> break
    od
}

/* N6: exec is the parent's, or a certified root of an ancestor above it. */
inline check_n6() {
    descend(below, named);
    good = named == exec[below] || (CERTIFIED(named)
#ifndef BUG_EXEC_GOES_BACK
        && height[named] > height[exec[below]]
#endif
#ifndef BUG_NO_ANCESTRY
        && at == named
#else
        && height[named] <= height[below]
#endif
    )
}

/* N2, of what it asks of a header: the height. */
#ifdef BUG_HEIGHT_UNCHECKED
#define STEP (below == 0 || loaded -> 1 : 0)
#else
#define STEP 1
#endif

/* N7: payload only within the lag of what the header itself anchors. */
#if defined(BUG_NO_LAG)
#define N7 true
#elif defined(BUG_LAG_STOPS_BLOCKS)
#define N7 (height[below] + 1 - height[exec[below]] <= LAG)
#else
#define N7 (!loaded || height[below] + 1 - height[named] <= LAG)
#endif

inline forget() {
    view = 0; below = 0; named = 0; at = 0; tip = 0; other = 0; backlog = 0; loaded = 0;
    good = 0
}

/* A leader's block in some view, on some parent, with some exec, with or without payload. */
inline block() {
    view = 1;
    do
    :: view < VIEWS -> view++
    :: break
    od;
    below = 0;
    do
    :: below + 1 < view -> below++
    :: break
    od;
    named = 0;
    do
    :: named + 1 < view -> named++
    :: break
    od;
    if
    :: loaded = 1
    :: loaded = 0
    fi;
    d_step {
        if
        :: height[view] == 0 && EXISTS(below) && EXISTS(named) && NONE_FINAL(below, view) ->
            check_n6();
            if
            :: good && N7 ->
                parent[view] = below;
                height[view] = height[below] + STEP;
                exec[view] = named;
                payload[view] = loaded
            :: else
            fi
        :: else
        fi
    }
}

/* Finalised: not where a later block skips the view. */
inline finalize() {
    view = 1;
    do
    :: view < VIEWS -> view++
    :: break
    od;
    true;
    d_step {
        good = height[view] != 0;
        for (at : 1 .. VIEWS) {
            good = good && (at <= view || height[at] == 0 || parent[at] >= view)
        }
        if
        :: good -> finals = finals | BIT(view)
        :: else
        fi
    }
}

/* Votes are by digest: one for a sibling does not stand in the way. */
#ifdef BUG_VOTE_ONCE_A_HEIGHT
#define FREE(i, block) \
    ((node[i] & ((height[1] == height[block] -> 2 : 0) | (height[2] == height[block] -> 4 : 0) | \
     (height[3] == height[block] -> 8 : 0) | SAME_4(block) | SAME_5(block) | SAME_6(block))) == 0)
#define SAME(block, one) (height[one] == height[block] -> BIT(one) : 0)
#if VIEWS >= 4
#define SAME_4(block) SAME(block, 4)
#else
#define SAME_4(block) 0
#endif
#if VIEWS >= 5
#define SAME_5(block) SAME(block, 5)
#else
#define SAME_5(block) 0
#endif
#if VIEWS >= 6
#define SAME_6(block) SAME(block, 6)
#else
#define SAME_6(block) 0
#endif
#else
#define FREE(i, block) true
#endif
#define MAY_EXECUTE(i, block) \
    (height[block] != 0 && VOTED(i, parent[block]) && !VOTED(i, block) && FREE(i, block))
#define EXECUTE(i, block) :: MAY_EXECUTE(i, block) -> node[i] = node[i] | BIT(block)
#define EXECUTE_ANY(i) EXECUTE(i, 1) EXECUTE(i, 2) EXECUTE(i, 3) EXECUTE_4(i) EXECUTE_5(i) EXECUTE_6(i)
#define IDLE(i) \
    (!MAY_EXECUTE(i, 1) && !MAY_EXECUTE(i, 2) && !MAY_EXECUTE(i, 3) && IDLE_4(i) && IDLE_5(i) && \
     IDLE_6(i))
#if VIEWS >= 4
#define EXECUTE_4(i) EXECUTE(i, 4)
#define IDLE_4(i) !MAY_EXECUTE(i, 4)
#else
#define EXECUTE_4(i)
#define IDLE_4(i) true
#endif
#if VIEWS >= 5
#define EXECUTE_5(i) EXECUTE(i, 5)
#define IDLE_5(i) !MAY_EXECUTE(i, 5)
#else
#define EXECUTE_5(i)
#define IDLE_5(i) true
#endif
#if VIEWS >= 6
#define EXECUTE_6(i) EXECUTE(i, 6)
#define IDLE_6(i) !MAY_EXECUTE(i, 6)
#else
#define EXECUTE_6(i)
#define IDLE_6(i) true
#endif

inline check() {
    for (view : 1 .. VIEWS) {
        if
        :: (finals & BIT(view)) != 0 ->
            tip = view;
            backlog = 0;
            do
            :: tip == 0 -> break
            :: else ->
                /* N2: one block of a chain at a height. */
                assert(height[tip] == height[parent[tip]] + 1);
                /* N6: what is anchored is a root of this very chain, below the block. */
                other = exec[tip];
                descend(parent[tip], other);
                assert(at == other);
                /* N6: it never goes back. */
                assert(height[other] >= height[exec[parent[tip]]]);
                /* N6: a quorum vouches for it, so q - f honest nodes hold all of it durably. */
                assert(HONEST_VOTES(other) >= 2);
                /* N7: payload that no q - f honest nodes have executed. */
                backlog = backlog + (payload[tip] && HONEST_VOTES(tip) < 2);
                tip = parent[tip]
            od;
            assert(backlog <= LAG)
        :: else
        fi
    }
}

/* The tip an honest leader builds on: of the highest view with a block that need not be skipped. */
inline find_tip() {
    tip = 0;
    for (view : 1 .. VIEWS) {
        if
        :: height[view] != 0 -> tip = view
        :: else
        fi
    }
}

/* Simplex::make_header: the newest certificate on the parent's chain, else the parent's exec. */
inline judge() {
    find_tip();
    below = tip;
    named = exec[below];
#ifdef BUG_LEADER_ANCHORS_ANY_CHAIN
    for (view : 1 .. VIEWS) {
        if
        :: height[view] > height[named] && CERTIFIED(view) -> named = view
        :: else
        fi
    }
#else
    view = below;
    do
    :: height[view] <= height[named] -> break
    :: else ->
        if
        :: CERTIFIED(view) -> named = view; break
        :: else -> view = parent[view]
        fi
    od;
#endif
    /* Execution goes on: an honest leader's block with payload passes N6 and N7. */
    loaded = 1;
    check_n6();
    assert(good);
    assert(N7 && height[below] + 1 - height[named] <= LAG)
}

/* What the rules must leave possible: each of these asserts has to fail. */
inline witness() {
#if defined(WITNESS_ABANDONED)
    /* A block has an ExecCert, and its sibling is final. */
    assert(height[1] != 1 || height[2] != 1 || !CERTIFIED(1) || (finals & 4) == 0);
#elif defined(WITNESS_BOTH)
    /* Both have one, and the final one's is anchored. */
    assert(height[1] != 1 || height[2] != 1 || !CERTIFIED(1) || (finals & 8) == 0 || exec[3] != 2);
#elif defined(WITNESS_FROZEN)
    /* Payload stopped for the lag, and went on. */
    assert((finals & 8) == 0 || parent[3] != 2 || parent[2] != 1 || !payload[1] || payload[2] ||
           !payload[3] || height[exec[2]] != 0);
#else
    skip
#endif
}

#define ORDER(one, two) \
    if \
    :: node[one] < node[two] -> \
        at = node[one]; node[one] = node[two]; node[two] = at \
    :: else \
    fi

init {
    bool over = false;
    do
    :: over -> break
    :: !over -> atomic {
        if
        :: block()
        :: finalize()
        EXECUTE_ANY(0) EXECUTE_ANY(1) EXECUTE_ANY(2)
        :: IDLE(0) && IDLE(1) && IDLE(2) ->
            d_step {
                judge();
                over = true
            }
        fi;
        d_step {
            ORDER(0, 1);
            ORDER(1, 2);
            ORDER(0, 1);
            check();
            witness();
            forget()
        }
    }
    od
}
