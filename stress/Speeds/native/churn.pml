/* The scenario churn for Spin: each task maps and unmaps a page of its own, for ever. The lock sections of kmap_high()
   and kunmap_high() are atomic, as the verifier takes each for one step; to wake up is a step of its own. */
#ifndef TASKS
#define TASKS 5
#endif
#ifndef SLOTS
#define SLOTS 2
#endif

byte count[SLOTS];   /* pkmap_count */
byte holder[SLOTS];  /* the page whose entry is in the table, plus 1 */
byte slot[TASKS];    /* page_address, plus 1 */
byte last;           /* last_pkmap_nr */
bool queued[TASKS];  /* pkmap_map_wait */
bool asleep[TASKS];

inline flush_all_zero_pkmaps() {
  i = 0;
  do
  :: i < SLOTS && count[i] == 1 -> count[i] = 0; slot[holder[i] - 1] = 0; holder[i] = 0; i++
  :: i < SLOTS && count[i] != 1 -> i++
  :: i == SLOTS -> break
  od
}

inline wake_up() {
  i = 0;
  do
  :: i < TASKS -> asleep[i] = false; i++
  :: i == TASKS -> break
  od
}

proctype task(byte me) {
  byte left, i;
  bool mapped;
  do
  :: mapped = false;
     do
     :: atomic {
          if
          :: slot[me] != 0 -> count[slot[me] - 1]++; mapped = true
          :: else ->
             left = SLOTS;
             do
             :: last = (last + 1) % SLOTS;
                if
                :: last == 0 -> flush_all_zero_pkmaps(); left = SLOTS
                :: else
                fi;
                if
                :: count[last] == 0 ->
                   holder[last] = me + 1; slot[me] = last + 1; count[last] = 2; mapped = true; break
                :: else
                fi;
                left--;
                if
                :: left == 0 -> asleep[me] = true; queued[me] = true; break
                :: else
                fi
             od
          fi;
          i = 0; left = 0
        }
        if
        :: mapped -> break
        :: else -> atomic { !asleep[me] -> queued[me] = false }
        fi
     od;
     atomic {
       i = slot[me] - 1;
       count[i]--;
       if
       :: count[i] == 1 -> wake_up()
       :: else
       fi;
       i = 0
     }
  od
}

init {
  atomic {
    byte n = 0;
    do
    :: n < TASKS -> run task(n); n++
    :: n == TASKS -> break
    od
  }
}
