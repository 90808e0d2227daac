/*
 * The amnesia rule: a validator whose vote journal is lost asks q peers for their views and votes
 * again, in all three kinds, only in views >= max + 2 of their answers. So it never contradicts a
 * vote it has forgotten, and L1 and L2 hold with one Byzantine validator, one amnesiac and two
 * sound ones (n = 4, q = 3). L3 follows from L1, L2 and N3: voting.pml. Parents are not modelled
 * here; any block may be notarized, which is more than N3 allows.
 *
 * Views are not in the state. A validator may vote in any view that can be entered, on a
 * certificate of the view before or a later one, and that is not below what its own votes prove:
 * the journal has, before each vote, the certificate on which its view was entered, and before a
 * Finalize its Notarization. A sound validator may have been killed the moment before it answers,
 * and is back in the highest view its journal proves; with that view it answers at once, and with
 * 0 if it has not voted: it may be in the epoch before still. A higher or a later answer could
 * only make the amnesiac wait longer. The Byzantine validator answers 0.
 */

#ifndef VIEWS
#define VIEWS 3 /* 2 to 5 */
#endif
#if VIEWS < 2 || VIEWS > 5
#error VIEWS is 2 to 5
#endif
#ifndef BLOCKS
#define BLOCKS 2 /* in each view: 1 or 2; with 1 only Nullify and Finalize contradict each other */
#endif
#ifndef BLOCKS_1
#define BLOCKS_1 BLOCKS /* in view 1: may be 0 */
#endif
#ifndef BLOCKS_2
#define BLOCKS_2 BLOCKS /* in view 2: may be 0 */
#endif
#ifndef LOSSES
#define LOSSES 2
#endif

/* Votes, a bit each: in each view Notarize of either block, Finalize of either block, Nullify. */
#define NOTARIZE(view, variant) (1 << (5 * ((view) - 1) + (variant)))
#define FINALIZE(view, variant) (4 << (5 * ((view) - 1) + (variant)))
#define NULLIFY(view) (16 << (5 * ((view) - 1)))
#define NOTARIZE_ANY(view) (3 << (5 * ((view) - 1)))
#define FINALIZE_ANY(view) (12 << (5 * ((view) - 1)))
#define ANY(view) (31 << (5 * ((view) - 1)))

int sound0;
int sound1;  /* the sound ones are alike: kept sorted */
int sent;    /* every vote the amnesiac ever sent */
int journal; /* those it knows of */
byte resume; /* it votes in this view and above */
byte losses;

/* q = 3: the Byzantine vote and two of the other three. */
#define CERTIFICATES ((sent & sound0) | (sent & sound1) | (sound0 & sound1))
#define CERTIFIED(votes) ((CERTIFICATES & (votes)) != 0)
#define BELOW(view) (NOTARIZE(view, 0) - 1)
#define ENTERABLE(view) ((view) == 1 || (CERTIFICATES & ~BELOW((view) - 1)) != 0)

/* N1: nobody goes back below the view that its own votes prove. */
#define NONE(known, votes) ((known & (votes)) == 0)
#define IN_VIEW(known, view) \
    (NONE(known, ~BELOW((view) + 1) | FINALIZE_ANY(view)) && ENTERABLE(view))

/* S1, S2 and S4 on what the validator knows it has signed. */
#define MAY_NOTARIZE(known, view) \
    (NONE(known, NOTARIZE_ANY(view) | NULLIFY(view)) && IN_VIEW(known, view))
#define MAY_NULLIFY(known, view) \
    (NONE(known, FINALIZE_ANY(view) | NULLIFY(view)) && IN_VIEW(known, view))
#define MAY_FINALIZE(known, view, variant) \
    (NONE(known, FINALIZE_ANY(view) | NULLIFY(view)) && CERTIFIED(NOTARIZE(view, variant)))

/* The amnesia rule. */
#ifdef BUG_NO_RULE
#define MAY_VOTE(view) true
#else
#define MAY_VOTE(view) ((view) >= resume)
#endif
#ifdef BUG_NOTARIZE_ONLY
#define MAY_VOTE_OTHER(view) true
#else
#define MAY_VOTE_OTHER(view) MAY_VOTE(view)
#endif
#ifdef BUG_MAX_PLUS_ONE
#define ABOVE 1
#else
#define ABOVE 2
#endif

#define SIGN(known, allowed, some) :: allowed -> known = known | (some)
#define CAST(allowed, some) :: allowed -> sent = sent | (some); journal = journal | (some)

#define SOUND(known, view, variant) \
    SIGN(known, MAY_NOTARIZE(known, view), NOTARIZE(view, variant)) \
    SIGN(known, MAY_FINALIZE(known, view, variant), FINALIZE(view, variant))
#define AMNESIAC(known, view, variant) \
    CAST(MAY_VOTE(view) && MAY_NOTARIZE(journal, view), NOTARIZE(view, variant)) \
    CAST(MAY_VOTE_OTHER(view) && MAY_FINALIZE(journal, view, variant), FINALIZE(view, variant))
#define VOTES_0(view) \
    SIGN(sound0, MAY_NULLIFY(sound0, view), NULLIFY(view)) \
    SIGN(sound1, MAY_NULLIFY(sound1, view), NULLIFY(view)) \
    CAST(MAY_VOTE_OTHER(view) && MAY_NULLIFY(journal, view), NULLIFY(view))
#define BLOCK_VOTES(view, variant) \
    SOUND(sound0, view, variant) SOUND(sound1, view, variant) AMNESIAC(journal, view, variant)
#define VOTES_1(view) VOTES_0(view) BLOCK_VOTES(view, 0)
#define VOTES_2(view) VOTES_1(view) BLOCK_VOTES(view, 1)
#define JOIN(blocks) VOTES_##blocks
#define VOTES(view, blocks) JOIN(blocks)(view)

/* For use inside one step only; not part of a state. */
hidden byte at;
hidden int certificates;
hidden int swap;

/* resume = two above the highest view that these votes' journal proves, if that is more. */
inline answer(known) {
    for (at : 1 .. VIEWS) {
        if
        :: (known & FINALIZE_ANY(at)) != 0 && at + 1 + ABOVE > resume -> resume = at + 1 + ABOVE
        :: else
        fi;
#ifndef BUG_ENTRY_NOT_JOURNALED
        if
        :: (known & ANY(at)) != 0 && at + ABOVE > resume -> resume = at + ABOVE
        :: else
        fi
#endif
    }
    at = 0
}

inline lose(first, second) {
    losses++;
    journal = 0;
    resume = ABOVE;
#ifndef BUG_STALE_ANSWERS
    answer(first);
    answer(second)
#endif
}
#define LOSE(first, second) \
    :: sent != 0 && losses < LOSSES -> d_step { lose(first, second) }

#define HAS(votes) ((certificates & (votes)) == (votes))
#define SENT(votes) ((sent & (votes)) == (votes))

inline check() {
    certificates = CERTIFICATES;
    for (at : 1 .. VIEWS) {
        /* Agreement: one block finalised in a view (L1), and that view not skipped (L2). */
        assert(!HAS(FINALIZE(at, 0) | FINALIZE(at, 1)));
        assert(!HAS(FINALIZE(at, 0) | NULLIFY(at)) && !HAS(FINALIZE(at, 1) | NULLIFY(at)));
#ifndef AGREEMENT_ONLY
        /* L1: one block notarized in a view. */
        assert(!HAS(NOTARIZE(at, 0) | NOTARIZE(at, 1)));
        /* S1, S2 over the amnesiac's lives: no two votes of it contradict each other. */
        assert(!SENT(NOTARIZE(at, 0) | NOTARIZE(at, 1)));
        assert(!SENT(FINALIZE(at, 0) | FINALIZE(at, 1)));
        assert(!SENT(FINALIZE(at, 0) | NULLIFY(at)) && !SENT(FINALIZE(at, 1) | NULLIFY(at)));
#endif
    }
    at = 0
}

/* What the rules must leave possible: each of these asserts has to fail. */
inline witness() {
#if defined(WITNESS_VOTES_AGAIN)
    assert(journal == 0 || journal == sent);
#elif defined(WITNESS_FINALIZES_AGAIN)
    /* A block is final by a vote that the amnesiac signed after it had lost others. */
    assert(NONE(journal & certificates & ~(sound0 & sound1), FINALIZE(VIEWS, 0)) ||
           NONE(sent & ~journal, FINALIZE(1, 0)));
#else
    skip
#endif
}

init {
end:
    do
    :: atomic {
        if
        VOTES(1, BLOCKS_1)
        VOTES(2, BLOCKS_2)
#if VIEWS > 2
        VOTES(3, BLOCKS)
#endif
#if VIEWS > 3
        VOTES(4, BLOCKS)
#endif
#if VIEWS > 4
        VOTES(5, BLOCKS)
#endif
#ifdef BUG_COUNTS_ITSELF
        LOSE(sound0, sound0)
        LOSE(sound1, sound1)
#else
        LOSE(sound0, sound1) /* of q = 3 peers one is Byzantine, so both sound ones answer */
#endif
        fi;
        d_step {
            if
            :: sound0 < sound1 ->
                swap = sound0;
                sound0 = sound1;
                sound1 = swap;
                swap = 0
            :: else
            fi;
            check();
            witness();
            certificates = 0
        }
    }
    od
}
