/*
 * N4: a block's time lies above its parent's and at most the skew ahead of its voters' clocks. So
 * time never goes back, no deadline passes that f + 1 honest clocks are not near to, and a faulty
 * leader cannot put the time so far ahead that honest leaders have to wait for it.
 *
 * n = 4, q = 3: three honest validators with clocks that tick one by one, and a Byzantine one that
 * leads and votes for everything. In the end all clocks show the same, and a leader is honest:
 * it takes its clock or parent + 1, and a voter whose clock is late waits (a tick at most).
 */

#define SKEW 1
#define TICKS 3
#define LATEST (TICKS + 2 * SKEW)

byte clock[3];  /* alike: kept sorted */
byte time;      /* of the newest certified block */
byte next;      /* of the block proposed; zero again when a step ends */

#ifdef BUG_MAY_STAND_STILL
#define LATER(block) ((block) >= time)
#elif defined(BUG_MAY_GO_BACK)
#define LATER(block) true
#else
#define LATER(block) ((block) > time)
#endif
#ifdef BUG_ANY_TIME_AHEAD
#define NEAR(i, block) true
#else
#define NEAR(i, block) ((block) <= clock[i] + SKEW)
#endif
#define VOTES(i, block) (LATER(block) && NEAR(i, block))
#define CERTIFIED(block) \
    ((VOTES(0, block) && VOTES(1, block)) || (VOTES(0, block) && VOTES(2, block)) || \
     (VOTES(1, block) && VOTES(2, block)))

/* For use inside one step only; not part of a state. */
hidden byte swap;

#define ORDER(one, two) \
    if \
    :: clock[one] < clock[two] -> swap = clock[one]; clock[one] = clock[two]; clock[two] = swap \
    :: else \
    fi

inline take() {
    if
    :: CERTIFIED(next) ->
        assert(next > time);
        /* The second highest of three honest clocks: f + 1 of them are as near as that. */
        assert(next <= clock[1] + SKEW);
        time = next
    :: else
    fi;
    next = 0
}

init {
    bool over = false;
    do
    :: over -> break
    :: !over -> atomic {
        if
        :: clock[0] < TICKS -> clock[0]++
        :: clock[1] < TICKS -> clock[1]++
        :: clock[2] < TICKS -> clock[2]++
        :: clock[0] == TICKS && clock[1] == TICKS && clock[2] == TICKS -> over = true
        :: true ->
            do
            :: next < LATEST -> next++
            :: break
            od;
            true;
            d_step { take() }
        fi;
        d_step {
            ORDER(0, 1);
            ORDER(1, 2);
            ORDER(0, 1);
            swap = 0;
#ifdef WITNESS_AHEAD
            assert(time <= clock[0]);
#endif
            /* An honest leader's block gets everybody's vote, within a tick. */
            assert(!over || time + 1 <= TICKS + 1 + SKEW)
        }
    }
    od
}
