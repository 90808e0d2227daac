/*
 * The hand-over from epoch e to e + 1 with closing blocks: everybody of both sets starts e + 1
 * from the same root, no height is committed twice, nothing that a finalised chain names is lost
 * with the closing blocks or with the old set, and who has voted in e + 1 votes in e no more.
 *
 * Each set has n = 4 and q = 3: a Byzantine validator, and of the honest ones 0 and 1 in the old
 * set only, 2 in both, 3 and 4 in the new set only. In e one block a view, with any parent that N3
 * allows and a Byzantine leader's choice of exec; what is finalised is not skipped and what comes
 * later extends it (L1 to L3: voting.pml). A certificate needs two honest members that still vote
 * in e. Who learns it, and when, is open; so a member may miss any Finalization.
 */

#ifndef VIEWS
#define VIEWS 3 /* 3 to 5 */
#endif
#if VIEWS < 3 || VIEWS > 5
#error VIEWS is 3 to 5
#endif
#ifndef END
#define END 1 /* end height of the epoch */
#endif

/* Blocks of e, by view; block 0 is the root of e. No height: not proposed. */
byte parent[VIEWS + 1];
byte height[VIEWS + 1];
byte last[VIEWS + 1];  /* view of the epoch_last block at or below, 0 if there is none */
bool exec[VIEWS + 1];  /* the header's exec has reached this epoch's root */
bool named[VIEWS + 1]; /* a closing block that names a batch is at or below */
byte finals;           /* views with a Finalization, a bit each */

/* Of an honest validator: the root of e + 1 it starts from, 0 while it holds no Finalization that
 * covers epoch_last; whether it voted in e + 1; whether it holds the data of e durably; whether it
 * sent ExecVotes for the root of e + 1. 0 and 1 are alike, and 3 and 4: kept sorted. */
#define NODES 5
byte node[NODES];
#define ROOT_OF(i) (node[i] & 7)
#define VOTED 8
#define DATA 16
#define EXECUTED 32
#define HAS(i, some) ((node[i] & (some)) != 0)
#define DATA_HELD (((node[0] | node[1] | node[2] | node[3] | node[4]) & DATA) != 0)
bool started;      /* the first block of e + 1, at one height above the root, is finalised */
bool anchored;     /* a finalised header of e + 1 has exec.height >= the root's */

#define BIT(i) (1 << (i))
#define TWO_OF_THREE(a, b, c) (((a) && (b)) || ((a) && (c)) || ((b) && (c)))

/* End of e: who holds a covering Finalization votes in e no more. */
#ifdef BUG_VOTES_ON
#define VOTES_IN_E(i) true
#else
#define VOTES_IN_E(i) (ROOT_OF(i) == 0)
#endif
#define MEMBERS_VOTE TWO_OF_THREE(VOTES_IN_E(0), VOTES_IN_E(1), VOTES_IN_E(2))

#define BITS_BELOW(view) ((1 << (view)) - 1)
#define NONE_FINAL(above, below) ((finals & BITS_BELOW(below) & ~BITS_BELOW((above) + 1)) == 0)
#define PARENT(view, below) \
    (height[view] == 0 && (below == 0 || height[below] != 0) && NONE_FINAL(below, view) && \
     MEMBERS_VOTE)

/* epoch_last: the first block at or above the end height whose exec has reached this epoch's root.
 * A block above it is closing: no batches, height and exec of its parent. */
#ifdef BUG_LAST_WITH_INHERITED_EXEC
#define ENDS(view, reached) (height[view] >= END)
#else
#define ENDS(view, reached) (height[view] >= END && reached)
#endif
#define ORDINARY(view, below, reached) \
        parent[view] = below; height[view] = height[below] + 1; exec[view] = reached; \
        last[view] = (last[below] != 0 -> last[below] : (ENDS(view, reached) -> view : 0))
#define CLOSING(view, below) \
        parent[view] = below; height[view] = height[below]; exec[view] = exec[below]; \
        last[view] = last[below]; named[view] = named[below]
#define PROPOSE(view, below) \
    :: PARENT(view, below) && last[below] == 0 && !exec[below] -> ORDINARY(view, below, false) \
    :: PARENT(view, below) && last[below] == 0 -> ORDINARY(view, below, true) \
    PROPOSE_CLOSING(view, below)
#if defined(BUG_ORDINARY_AFTER_LAST)
#define PROPOSE_CLOSING(view, below) \
    :: PARENT(view, below) && last[below] != 0 -> ORDINARY(view, below, true)
#elif defined(BUG_CLOSING_NAMES_BATCH)
#define PROPOSE_CLOSING(view, below) \
    :: PARENT(view, below) && last[below] != 0 -> CLOSING(view, below) \
    :: PARENT(view, below) && last[below] != 0 -> CLOSING(view, below); named[view] = true
#else
#define PROPOSE_CLOSING(view, below) \
    :: PARENT(view, below) && last[below] != 0 -> CLOSING(view, below)
#endif

#define NOT_SKIPPED(view, by) \
    ((by) > VIEWS || (by) <= (view) || height[MOST(by)] == 0 || parent[MOST(by)] >= (view))
#define MOST(view) ((view) > VIEWS -> 0 : (view))
#define FINALIZE(view) \
    :: (finals & BIT(view)) == 0 && height[view] != 0 && MEMBERS_VOTE && NOT_SKIPPED(view, 2) && \
       NOT_SKIPPED(view, 3) && NOT_SKIPPED(view, 4) && NOT_SKIPPED(view, 5) -> \
        finals = finals | BIT(view)

/* Start of e + 1: with a Finalization that covers epoch_last, and the headers between. */
#ifdef BUG_ROOT_FROM_CLOSING
#define ROOT(view) (view)
#else
#define ROOT(view) last[view]
#endif
#define LEARN(i, view) \
    :: ROOT_OF(i) == 0 && (finals & BIT(view)) != 0 && last[view] != 0 -> \
        node[i] = node[i] + ROOT(view)
#define LEARN_ANY(i) LEARN(i, 1) LEARN(i, 2) LEARN(i, 3) LEARN_4(i) LEARN_5(i)
#if VIEWS >= 4
#define LEARN_4(i) LEARN(i, 4)
#else
#define LEARN_4(i)
#endif
#if VIEWS >= 5
#define LEARN_5(i) LEARN(i, 5)
#else
#define LEARN_5(i)
#endif

/* Before the first vote in e + 1 the Finalization is durable; until then a crash may lose it. */
#define VOTE_NEXT(i) :: ROOT_OF(i) != 0 && !HAS(i, VOTED) -> node[i] = node[i] | VOTED
#ifdef BUG_FINALIZATION_IN_MEMORY
#define CRASH(i) :: ROOT_OF(i) != 0 -> node[i] = node[i] - ROOT_OF(i)
#else
#define CRASH(i) :: ROOT_OF(i) != 0 && !HAS(i, VOTED) -> node[i] = node[i] - ROOT_OF(i)
#endif

/* A vote in e, which changes nothing: two members' votes are in PROPOSE and FINALIZE. */
#define VOTE_IN_E(i) :: VOTES_IN_E(i) && HAS(i, VOTED) -> assert(false)

/* Data of e: from any honest holder. An ExecVote for the root needs all of it, durably. */
#define FETCH(i) \
    :: ROOT_OF(i) != 0 && DATA_HELD && !HAS(i, DATA) -> node[i] = node[i] | DATA
#define EXECUTE(i) \
    :: ROOT_OF(i) != 0 && HAS(i, DATA) && !HAS(i, EXECUTED) -> node[i] = node[i] | EXECUTED
#ifdef BUG_OLD_SET_EXECUTES
#define EXEC_CERTIFICATE TWO_OF_THREE(HAS(0, EXECUTED), HAS(1, EXECUTED), HAS(2, EXECUTED))
#define EXECUTE_OLD EXECUTE(0) EXECUTE(1)
#else
#define EXEC_CERTIFICATE TWO_OF_THREE(HAS(2, EXECUTED), HAS(3, EXECUTED), HAS(4, EXECUTED))
#define EXECUTE_OLD
#endif
/* The old set keeps serving until a finalised header of e + 1 shows that q of the new executed. */
#ifdef BUG_RETIRES_EARLY
#define RETIRED started
#else
#define RETIRED anchored
#endif
#define RETIRE(i) :: RETIRED && HAS(i, DATA) -> node[i] = node[i] & ~DATA

/* For use inside one step only; not part of a state. */
hidden byte at;
hidden byte first;
hidden byte swap;

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
    first = 0;
    for (at : 0 .. NODES - 1) {
        if
        :: ROOT_OF(at) != 0 ->
            /* One root of e + 1 for all of both sets. */
            assert(first == 0 || first == ROOT_OF(at));
            first = ROOT_OF(at);
            /* What e + 1 is stands in its root's exec: not what was inherited from e - 1. */
            assert(exec[first])
        :: else
        fi
    }
    for (at : 1 .. VIEWS) {
        if
        :: (finals & BIT(at)) != 0 && last[at] != 0 ->
            /* One block at a height: e commits nothing where e + 1 begins. */
            assert(!started || first == 0 || height[at] <= height[first]);
            /* A closing block is never executed: no batch may be lost with it. */
            assert(!named[at])
        :: else
        fi
    }
    /* Of the data of e an honest validator holds all. */
    assert(DATA_HELD);
    at = 0;
    first = 0
}

/* What the rules must leave possible: each of these asserts has to fail. */
inline witness() {
#if defined(WITNESS_ANCHORED)
    assert(!anchored || HAS(0, DATA) || HAS(1, DATA) || HAS(2, DATA));
#elif defined(WITNESS_CLOSING)
    /* Members start e + 1 though they hold Finalizations of different closing blocks only. */
    assert(!started || finals != (BIT(2) | BIT(3)) || last[2] != 1 || last[3] != 1);
#elif defined(WITNESS_SKIPPED_LAST)
    /* The first epoch_last block was skipped, and another one is the root. */
    assert(!started || last[1] != 1 || last[2] != 2);
#elif defined(WITNESS_STILL_VOTES)
    assert(!started || ROOT_OF(1) != 0);
#else
    skip
#endif
}

init {
    /* By availability.pml an honest validator of the old set holds what its chain names. */
    atomic {
        if
        :: node[0] = DATA
        :: node[2] = DATA
        :: node[0] = DATA; node[1] = DATA; node[2] = DATA
        fi
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
        LEARN_ANY(0) LEARN_ANY(1) LEARN_ANY(2) LEARN_ANY(3) LEARN_ANY(4)
        CRASH(0) CRASH(1) CRASH(2) CRASH(3) CRASH(4)
        VOTE_NEXT(2) VOTE_NEXT(3) VOTE_NEXT(4)
        VOTE_IN_E(2)
        :: !started && TWO_OF_THREE(HAS(2, VOTED), HAS(3, VOTED), HAS(4, VOTED)) -> 
            started = true
        FETCH(0) FETCH(1) FETCH(2) FETCH(3) FETCH(4)
        EXECUTE_OLD EXECUTE(2) EXECUTE(3) EXECUTE(4)
        :: started && !anchored && EXEC_CERTIFICATE -> anchored = true
        RETIRE(0) RETIRE(1)
        fi;
        d_step {
            order(0, 1);
            order(3, 4);
            check();
            witness()
        }
    }
    od
}
