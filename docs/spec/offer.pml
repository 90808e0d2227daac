/*
 * The Offer rule: a batch that one honest validator holds is named by an honest leader in time,
 * whatever its author and other leaders do, and whether ordering is OPTIMISTIC or STRICT.
 *
 * n = 4, q = 3. The author is Byzantine: it gives its batch to some honest validators, and neither
 * votes nor acknowledges, and keeps what is acknowledged to it. Holders offer the batch to
 * whoever leads, and to all when a timer fires; who lacks it fetches it. After a nullified view the
 * leader names what has f + 1 Acks (STRICT), else what it holds, and voters fetch what they lack.
 * Whatever honest validators do they do in the end; where a run ends is judged.
 */

byte holds;   /* honest validators that hold the batch, a bit each */
byte acks;    /* those whose Ack the leader has */
byte leader;  /* an honest one */
bool strict;

#define BIT(i) (1 << (i))
#define HELD(i) ((holds & BIT(i)) != 0)
#define COUNT(bits) (((bits) & 1) + (((bits) >> 1) & 1) + (((bits) >> 2) & 1))

#if defined(BUG_NO_OFFERS)
#define OFFERED(i) false
#elif defined(BUG_OFFERED_TO_LEADER_ALONE)
#define OFFERED(i) (i == leader)
#else
#define OFFERED(i) true
#endif
#define FETCH(i) :: holds != 0 && !HELD(i) && OFFERED(i) -> holds = holds | BIT(i)
#ifdef BUG_ACKS_TO_AUTHOR_ALONE
#define TOLD(i) (i == leader)
#else
#define TOLD(i) true
#endif
#define ACK(i) :: HELD(i) && (acks & BIT(i)) == 0 && TOLD(i) -> acks = acks | BIT(i)

#define NAMED (HELD(leader) && (!strict || COUNT(acks) >= 2))

init {
    bool over = false;
    atomic {
        do
        :: holds < 7 -> holds++
        :: holds > 0 -> break
        od;
        do
        :: leader < 2 -> leader++
        :: break
        od;
        if
        :: strict = true
        :: strict = false
        fi
    }
    do
    :: over -> break
    :: !over -> atomic {
        if
        FETCH(0) FETCH(1) FETCH(2)
        ACK(0) ACK(1) ACK(2)
        :: else ->
#ifdef WITNESS_STRICT
            assert(!strict || !NAMED);
#else
            assert(NAMED);
#endif
            over = true
        fi
    }
    od
}
