/*
 * Why STRICT naming keeps payload going: an author starves some validators of its batches, an
 * OPTIMISTIC leader names one that the others cannot fetch in time, its view is nullified. The next
 * honest leader names only what it can show f + 1 Acks of, and nobody waits for data.
 *
 * n = 4, q = 3. Validator 3 is Byzantine. Batch S is its own: it gives it to whom it likes and
 * serves nobody. Batch H is honest validator 0's, held by its author and at least one more honest
 * validator; others may still wait for it. Two views with honest leaders, in time, but within a
 * view no fetch ends. The Byzantine one acknowledges and votes, or not, as is worst. Between the
 * views any fetch may end. A run ends with view 1 notarized, or with view 2 over.
 */

#define BIT(i) (1 << (i))
#define HAS(bits, i) (((bits) & BIT(i)) != 0)
#define COUNT(bits) (((bits) & 1) + (((bits) >> 1) & 1) + (((bits) >> 2) & 1))

byte holds_s;       /* honest validators that hold S, a bit each */
byte holds_h = 1;   /* the author's own */
byte leader_1;
byte leader_2;
bool acks_s;        /* the Byzantine one's word for S, and for H */
bool acks_h;
bool names_s;       /* by the block that is voted on */
bool names_h;
bool shows_s;       /* with a certificate */
bool shows_h;
byte votes;

/* Whose holders have sent their Acks to the leader, or to the author, who tells all. */
#define CERTIFIED_S (COUNT(holds_s) + acks_s >= 2)
#define CERTIFIED_H (COUNT(holds_h) + acks_h >= 2)

#ifdef BUG_VOTERS_WANT_DATA
#define READY(i) ((!names_s || HAS(holds_s, i)) && (!names_h || HAS(holds_h, i)))
#else
#define READY(i) ((!names_s || HAS(holds_s, i) || shows_s) && (!names_h || HAS(holds_h, i) || shows_h))
#endif

inline any_of_honest(who) {
    who = 0;
    do
    :: who < 2 -> who++
    :: break
    od
}

inline vote() {
    votes = READY(0) + READY(1) + READY(2);
}

init {
    atomic {
        do
        :: holds_s < 7 -> holds_s++
        :: break
        od;
        if
        :: holds_h = 3
        :: holds_h = 5
        :: holds_h = 7
        fi;
        any_of_honest(leader_1);
        any_of_honest(leader_2);
        if
        :: acks_s = true
        :: skip
        fi;
        if
        :: acks_h = true
        :: skip
        fi;

        /* View 1, OPTIMISTIC: what the leader holds, without certificates. */
        names_s = HAS(holds_s, leader_1);
        names_h = HAS(holds_h, leader_1);
        vote();
#ifdef WITNESS_STARVED
        assert(votes == 3);
#endif
        if
        :: votes == 3 -> goto over   /* notarized without the Byzantine vote */
        :: votes < 3
        fi;

        /* It was nullified. Some of what was missing has come meanwhile. */
        do
        :: !HAS(holds_h, 1) -> holds_h = holds_h | 2
        :: !HAS(holds_h, 2) -> holds_h = holds_h | 4
        :: holds_s != 0 && !HAS(holds_s, 0) -> holds_s = holds_s | 1
        :: holds_s != 0 && !HAS(holds_s, 1) -> holds_s = holds_s | 2
        :: holds_s != 0 && !HAS(holds_s, 2) -> holds_s = holds_s | 4
        :: break
        od;

        /* View 2, STRICT. */
#ifdef BUG_STRICT_NAMES_UNCERTIFIED
        names_s = HAS(holds_s, leader_2);
        names_h = HAS(holds_h, leader_2);
#else
        names_s = CERTIFIED_S;
        names_h = CERTIFIED_H;
#endif
#ifndef BUG_CERTIFICATES_NOT_SHOWN
        shows_s = CERTIFIED_S;
        shows_h = CERTIFIED_H;
#endif
        vote();
#ifdef WITNESS_STARVING_BATCH_NAMED
        assert(!names_s);
#else
        assert(votes == 3 && names_h);
#endif
over:
        skip
    }
}
