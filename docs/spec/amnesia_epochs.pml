/*
 * The amnesia rule where an epoch ends: a validator of both sets loses its vote journal around the
 * hand-over (consensus/amnesia.cpp, Engine::Epochs::doubt_votes; ADR 0012 and 0013). Its database
 * may be older, so it may come back in an epoch that it has voted beyond. It asks where it stands,
 * and asks again in the next epoch, unless what it was told proves that the next epoch had not
 * begun when its votes were lost. So it contradicts itself in neither epoch.
 *
 * Each set has n = 4 and q = 3: a Byzantine validator, the amnesiac, and two sound ones, other ones
 * in each set: sets that share them only forbid more (who has left an epoch neither votes nor
 * answers there). With GUEST the amnesiac is in the next set alone, new or with votes there that it
 * has lost, and asks e's set, one Byzantine and three sound, as a guest. One block a view, so Nullify and Finalize alone contradict each other. In e
 * view `last` has epoch_last, what comes above is closing; e + 1 can be entered on a Finalization
 * that covers it. Rules of voting and of answers are those of amnesia.pml.
 */

#ifndef VIEWS_NEXT
#define VIEWS_NEXT 1 /* views of e + 1: 1 to 3 */
#endif
#ifndef VIEWS_E
#define VIEWS_E 1 /* views of e: 1 or 2 */
#endif
#ifndef LOSSES
#define LOSSES 2
#endif

/* Votes, a bit each: in each view Notarize, Finalize, Nullify. */
#define NOTARIZE(view) (1 << (3 * ((view) - 1)))
#define FINALIZE(view) (2 << (3 * ((view) - 1)))
#define NULLIFY(view) (4 << (3 * ((view) - 1)))
#define ANY(view) (7 << (3 * ((view) - 1)))
#define BELOW(view) (NOTARIZE(view) - 1)

short a0; /* votes of the sound ones of e; alike, and so are those of e + 1: kept sorted */
short a1;
#ifdef GUEST
short a2;
#endif
short b0;
short b1;
short sent_a; /* every vote of the amnesiac in e, and those it knows of */
short journal_a;
short sent_b; /* in e + 1 */
short journal_b;
#define NEVER 15
byte resume_a; /* it votes in this view of e and above; NEVER: has no answers */
byte resume_b;
bool next;     /* it is in e + 1 */
byte last;
byte losses;

#define CERT(one, other, third) (((one) & (other)) | ((one) & (third)) | ((other) & (third)))
#ifdef GUEST
#define CERT_A CERT(a0, a1, a2)
#else
#define CERT_A CERT(a0, a1, sent_a)
#endif
#define CERT_B CERT(b0, b1, sent_b)
/* A Finalization that covers epoch_last. */
#define WAY ((CERT_A & ((last == 1 -> FINALIZE(1) : 0) | FINALIZE(VIEWS_E))) != 0)

#define NONE(known, votes) ((known & (votes)) == 0)
#define ENTERABLE(cert, view) ((view) == 1 || (cert & ~BELOW((view) - 1)) != 0)
#define IN_VIEW(known, cert, view) \
    (NONE(known, ~BELOW((view) + 1) | FINALIZE(view)) && ENTERABLE(cert, view))
/* N3 of a closing block: above epoch_last. */
#define PARENT_A(view) ((view) <= last || (CERT_A & (NOTARIZE(last) | FINALIZE(last))) != 0)

#define MAY_NOTARIZE(known, cert, view) \
    (NONE(known, NOTARIZE(view) | NULLIFY(view)) && IN_VIEW(known, cert, view))
#define MAY_NULLIFY(known, cert, view) \
    (NONE(known, FINALIZE(view) | NULLIFY(view)) && IN_VIEW(known, cert, view))
#define MAY_FINALIZE(known, cert, view) \
    (NONE(known, FINALIZE(view) | NULLIFY(view)) && (cert & NOTARIZE(view)) != 0)

#define SIGN(known, allowed, some) :: allowed -> known = known | (some)
#define SOUND(known, cert, place, view) \
    SIGN(known, place && MAY_NOTARIZE(known, cert, view), NOTARIZE(view)) \
    SIGN(known, place && MAY_NULLIFY(known, cert, view), NULLIFY(view)) \
    SIGN(known, place && MAY_FINALIZE(known, cert, view), FINALIZE(view))
#define CAST(sent, journal, allowed, some) \
    :: allowed -> sent = sent | (some); journal = journal | (some)
#define AMNESIAC(sent, journal, cert, place, resume, view) \
    CAST(sent, journal, place && (view) >= resume && MAY_NULLIFY(journal, cert, view), \
         NULLIFY(view)) \
    CAST(sent, journal, place && (view) >= resume && MAY_FINALIZE(journal, cert, view), \
         FINALIZE(view))
#define AMNESIAC_NOTARIZES(sent, journal, cert, place, resume, view) \
    CAST(sent, journal, place && (view) >= resume && MAY_NOTARIZE(journal, cert, view), \
         NOTARIZE(view))

#ifdef GUEST
#define THIRD_A(view) SOUND(a2, CERT_A, PARENT_A(view), view)
#else
#define THIRD_A(view) \
    AMNESIAC(sent_a, journal_a, CERT_A, !next, resume_a, view) \
    AMNESIAC_NOTARIZES(sent_a, journal_a, CERT_A, !next && PARENT_A(view), resume_a, view)
#endif
#define VOTES_A(view) \
    SOUND(a0, CERT_A, PARENT_A(view), view) \
    SOUND(a1, CERT_A, PARENT_A(view), view) \
    THIRD_A(view)
#define VOTES_B(view) \
    SOUND(b0, CERT_B, WAY, view) SOUND(b1, CERT_B, WAY, view) \
    AMNESIAC(sent_b, journal_b, CERT_B, next, resume_b, view) \
    AMNESIAC_NOTARIZES(sent_b, journal_b, CERT_B, next, resume_b, view)

/* For use inside one step only; not part of a state. */
hidden byte at;
hidden int certificates;
hidden int swap;

/* resume = two above the highest view that these votes' journal proves, if that is more. A peer
 * that is in the epoch without a vote answers 1, one in the epoch before not at all: more wait. */
inline answer(resume, known, views) {
    for (at : 1 .. views) {
        if
        :: (known & FINALIZE(at)) != 0 && at + 3 > resume -> resume = at + 3
        :: else
        fi;
        if
        :: (known & ANY(at)) != 0 && at + 2 > resume -> resume = at + 2
        :: else
        fi
    }
    at = 0
}
#ifdef BUG_FIRST_VIEW
#define LOWEST 0
#else
#define LOWEST 2 /* never the first view */
#endif

inline ask_a(one, other) {
    resume_a = 2;
    answer(resume_a, one, VIEWS_E);
    answer(resume_a, other, VIEWS_E)
}
inline ask_b() {
    resume_b = LOWEST;
#ifdef BUG_ANSWERS_OF_OLD_EPOCH
    /* Answers that were given in e are taken for answers in e + 1: a view is a view. */
    resume_b = (resume_a == NEVER -> 2 : resume_a)
#else
    answer(resume_b, b0, VIEWS_NEXT);
    answer(resume_b, b1, VIEWS_NEXT)
#endif
}

/* The journal is gone, and with it the way into e + 1 unless the database has it. Who is back in e
 * gets its answers at once, as low as they may be, or not before it enters e + 1. */
inline lose() {
    losses++;
    journal_a = 0;
    journal_b = 0;
    resume_a = 0;
    resume_b = 0
}
#ifdef GUEST
#define LOST (losses < LOSSES) /* one that was never there asks alike */
#else
#define LOST ((sent_a | sent_b) != 0 && losses < LOSSES)
#endif

/* Engine::Epochs::doubt_votes. No doubt: q of e's set said, after the loss, that they were not two
 * views above epoch_last, and so one signer of each covering Finalization had not signed yet. */
#if defined(BUG_NEVER_ASKED_AGAIN)
#define DOUBT false
#elif defined(BUG_BOUND_TOO_HIGH)
#define DOUBT (resume_a > last + 3)
#elif defined(BUG_UNANSWERED_IS_ANSWERED)
#define DOUBT (resume_a != NEVER && resume_a > last + 2)
#else
#define DOUBT (resume_a > last + 2)
#endif
inline enter() {
    next = true;
    if
    :: DOUBT -> ask_b()
    :: else -> resume_b = 0
    fi
}
/* The doubt is in the journal before a vote of e + 1; what is not is gone after a crash. */
#ifdef BUG_DOUBT_NOT_DURABLE
#define CRASH :: next && journal_b == 0 && resume_b != 0 -> resume_b = 0
#else
#define CRASH
#endif

#define HAS(votes) ((certificates & (votes)) == (votes))
inline check_epoch(cert, sent, views) {
    certificates = cert;
    for (at : 1 .. views) {
        /* Agreement: no view is finalised and nullified. */
        assert(!HAS(FINALIZE(at) | NULLIFY(at)));
#ifndef AGREEMENT_ONLY
        /* S2 over the amnesiac's lives. */
        assert((sent & (FINALIZE(at) | NULLIFY(at))) != (FINALIZE(at) | NULLIFY(at)));
#endif
    }
    at = 0
}

/* What the rules must leave possible: each of these asserts has to fail. */
inline witness() {
#if defined(WITNESS_NO_DOUBT) && defined(GUEST)
    /* It asked as a guest and votes from the first view of e + 1 on. */
    assert(losses == 0 || !next || (journal_b & ANY(1)) == 0);
#elif defined(WITNESS_NO_DOUBT)
    /* It lost votes in e, and votes from the first view of e + 1 on. */
    assert(losses == 0 || !next || sent_a == journal_a || (journal_b & ANY(1)) == 0);
#elif defined(WITNESS_VOTES_AGAIN)
    /* Votes of e + 1 were lost, later ones follow. */
    assert(journal_b == 0 || journal_b == sent_b);
#else
    skip
#endif
}

#define ORDER(one, two) \
    if \
    :: one < two -> swap = one; one = two; two = swap; swap = 0 \
    :: else \
    fi

init {
    if
    :: last = 1
#if VIEWS_E > 1
    :: last = 2
#endif
    fi;
end:
    do
    :: atomic {
        if
        VOTES_A(1)
#if VIEWS_E > 1
        VOTES_A(2)
#endif
        VOTES_B(1)
#if VIEWS_NEXT > 1
        VOTES_B(2)
#endif
#if VIEWS_NEXT > 2
        VOTES_B(3)
#endif
        :: !next && WAY -> d_step { enter() }
        :: LOST -> d_step { lose(); next = false; ask_a(a0, a1) }
#ifdef GUEST
        :: LOST -> d_step { lose(); next = false; ask_a(a0, a2) }
        :: LOST -> d_step { lose(); next = false; ask_a(a1, a2) }
#endif
        :: LOST -> d_step { lose(); next = false; resume_a = NEVER }
        :: LOST && next -> d_step { lose(); ask_b() }
        CRASH
        fi;
        d_step {
            ORDER(a0, a1);
#ifdef GUEST
            ORDER(a1, a2);
            ORDER(a0, a1);
#endif
            ORDER(b0, b1);
            check_epoch(CERT_A, sent_a, VIEWS_E);
            check_epoch(CERT_B, sent_b, VIEWS_NEXT);
            witness();
            certificates = 0
        }
    }
    od
}
