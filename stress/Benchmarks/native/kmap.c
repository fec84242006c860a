/*
 * The algorithm of kmap_high() once more, for comparison: C11 atomics, pthreads, futexes and a test-and-test-and-set
 * lock, laid out like the port on threads. Written from the description of the algorithm; no kernel text is in here.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LINE 128 /* Processors fetch cache lines in pairs. */
#define BUCKETS 128
#define SPINS 10
#define END (-1)

enum { RUNNING = 0, UNINTERRUPTIBLE = 2 };

typedef _Atomic int word;

struct spinlock { _Alignas(LINE) word held; };
struct bucket { struct spinlock lock; _Alignas(LINE) int first; };
struct record { int page; unsigned address; int next; };
struct task { _Alignas(LINE) word state; struct machine *machine; int number; long pairs; };

struct queue {
	struct spinlock lock;
	word count;
	int tasks[1024];
};

struct machine {
	struct spinlock kmap_lock, pool_lock;
	struct queue map_wait;
	struct bucket buckets[BUCKETS];
	int *bucket_of;
	int *count, *table;
	struct record *records;
	_Alignas(LINE) int cursor;
	_Alignas(LINE) int pool_head, pool_tail;
	_Alignas(LINE) word gate;
	int slots, pages, threads;
	struct task *tasks;
};

static const unsigned base = 0x96000000u;

static void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#endif
}

static void spin(word *held)
{
	for (int i = 0;; i++) {
		int free = 0;
		if (!atomic_load_explicit(held, memory_order_relaxed)
		    && atomic_compare_exchange_strong_explicit(held, &free, 1, memory_order_acquire,
							       memory_order_relaxed))
			return;
		if (i >= SPINS)
			sched_yield();
		else
			for (int j = 0; j < (i < 3 ? 2 << i : 16); j++) /* As long as SpinWait of .NET does. */
				relax();
	}
}

static inline void acquire(struct spinlock *lock)
{
	int free = 0;
	if (!atomic_compare_exchange_strong_explicit(&lock->held, &free, 1, memory_order_acquire,
						     memory_order_relaxed))
		spin(&lock->held);
}

static inline void release(struct spinlock *lock)
{
	atomic_store_explicit(&lock->held, 0, memory_order_release);
}

static void enqueue(struct queue *queue, int task)
{
	acquire(&queue->lock);
	int count = atomic_load_explicit(&queue->count, memory_order_relaxed);
	memmove(queue->tasks + 1, queue->tasks, (size_t)count * sizeof(int));
	queue->tasks[0] = task;
	atomic_store_explicit(&queue->count, count + 1, memory_order_relaxed);
	release(&queue->lock);
}

static void dequeue(struct queue *queue, int task)
{
	acquire(&queue->lock);
	int count = atomic_load_explicit(&queue->count, memory_order_relaxed), i = 0;
	while (i < count && queue->tasks[i] != task)
		i++;
	memmove(queue->tasks + i, queue->tasks + i + 1, (size_t)(count - i - 1) * sizeof(int));
	atomic_store_explicit(&queue->count, count - 1, memory_order_relaxed);
	release(&queue->lock);
}

static void wake_up(struct machine *machine, struct queue *queue)
{
	acquire(&queue->lock);
	int count = atomic_load_explicit(&queue->count, memory_order_relaxed);
	for (int i = 0; i < count; i++) {
		word *state = &machine->tasks[queue->tasks[i]].state;
		if (atomic_exchange(state, RUNNING) != RUNNING)
			syscall(SYS_futex, state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	}
	release(&queue->lock);
}

static void schedule(struct task *task)
{
	int state;
	while ((state = atomic_load(&task->state)) != RUNNING)
		syscall(SYS_futex, &task->state, FUTEX_WAIT_PRIVATE, state, NULL, NULL, 0);
}

static unsigned page_address(struct machine *machine, int page)
{
	struct bucket *bucket = &machine->buckets[machine->bucket_of[page]];
	unsigned address = 0;
	acquire(&bucket->lock);
	for (int i = bucket->first; i != END; i = machine->records[i].next) {
		if (machine->records[i].page == page) {
			address = machine->records[i].address;
			break;
		}
	}
	release(&bucket->lock);
	return address;
}

static void set_page_address(struct machine *machine, int page, unsigned address)
{
	acquire(&machine->pool_lock);
	int i = machine->pool_head;
	machine->pool_head = machine->records[i].next;
	if (machine->pool_head == END)
		machine->pool_tail = END;
	release(&machine->pool_lock);

	struct record *record = &machine->records[i];
	*record = (struct record){ page, address, END };
	struct bucket *bucket = &machine->buckets[machine->bucket_of[page]];
	acquire(&bucket->lock);
	int *link = &bucket->first;
	while (*link != END)
		link = &machine->records[*link].next;
	*link = i;
	release(&bucket->lock);
}

static void forget_page_address(struct machine *machine, int page)
{
	struct bucket *bucket = &machine->buckets[machine->bucket_of[page]];
	acquire(&bucket->lock);
	int *link = &bucket->first;
	while (*link != END && machine->records[*link].page != page)
		link = &machine->records[*link].next;
	int i = *link;
	if (i != END)
		*link = machine->records[i].next;
	release(&bucket->lock);
	if (i == END)
		return;

	acquire(&machine->pool_lock);
	machine->records[i] = (struct record){ END, 0, END };
	if (machine->pool_tail == END)
		machine->pool_head = i;
	else
		machine->records[machine->pool_tail].next = i;
	machine->pool_tail = i;
	release(&machine->pool_lock);
}

static void flush_all_zero_pkmaps(struct machine *machine)
{
	for (int slot = 0; slot < machine->slots; slot++) {
		if (machine->count[slot] != 1)
			continue;
		machine->count[slot] = 0;
		int page = machine->table[slot];
		page_address(machine, page);
		machine->table[slot] = END;
		forget_page_address(machine, page);
	}
}

static unsigned map_new_virtual(struct machine *machine, struct task *task, int page)
{
	for (;;) {
		for (int budget = machine->slots;;) {
			machine->cursor = (machine->cursor + 1) & (machine->slots - 1);
			if (!machine->cursor) {
				flush_all_zero_pkmaps(machine);
				budget = machine->slots;
			}
			if (!machine->count[machine->cursor]) {
				unsigned address = base + ((unsigned)machine->cursor << 12);
				machine->table[machine->cursor] = page;
				machine->count[machine->cursor] = 1;
				set_page_address(machine, page, address);
				return address;
			}
			if (!--budget)
				break;
		}

		atomic_exchange(&task->state, UNINTERRUPTIBLE);
		enqueue(&machine->map_wait, task->number);
		release(&machine->kmap_lock);
		schedule(task);
		dequeue(&machine->map_wait, task->number);
		acquire(&machine->kmap_lock);
		if (page_address(machine, page))
			return page_address(machine, page);
	}
}

static unsigned kmap_high(struct machine *machine, struct task *task, int page)
{
	acquire(&machine->kmap_lock);
	unsigned address = page_address(machine, page);
	if (!address)
		address = map_new_virtual(machine, task, page);
	if (++machine->count[(address - base) >> 12] < 2)
		abort();
	release(&machine->kmap_lock);
	return address;
}

static void kunmap_high(struct machine *machine, int page)
{
	acquire(&machine->kmap_lock);
	unsigned address = page_address(machine, page);
	if (!address)
		abort();
	int users = --machine->count[(address - base) >> 12];
	if (!users)
		abort();
	int wake = users == 1 && atomic_load_explicit(&machine->map_wait.count, memory_order_relaxed) > 0;
	release(&machine->kmap_lock);
	if (wake)
		wake_up(machine, &machine->map_wait);
}

void *kmap_boot(int threads, int slots, int pages, const int *bucket_of)
{
	struct machine *machine = aligned_alloc(LINE, sizeof *machine);
	memset(machine, 0, sizeof *machine);
	machine->slots = slots;
	machine->pages = pages;
	machine->threads = threads;
	machine->count = calloc((size_t)slots, sizeof(int));
	machine->table = calloc((size_t)slots, sizeof(int));
	machine->records = calloc((size_t)slots, sizeof(struct record));
	machine->bucket_of = malloc((size_t)pages * sizeof(int));
	memcpy(machine->bucket_of, bucket_of, (size_t)pages * sizeof(int));
	for (int i = 0; i < BUCKETS; i++)
		machine->buckets[i].first = END;
	for (int i = 0; i < slots; i++)
		machine->records[i].next = i - 1;
	machine->pool_head = slots - 1;
	machine->pool_tail = 0;
	machine->tasks = aligned_alloc(LINE, (size_t)threads * sizeof(struct task));
	for (int i = 0; i < threads; i++)
		machine->tasks[i] = (struct task){ .machine = machine, .number = i };
	return machine;
}

void kmap_free(void *booted)
{
	struct machine *machine = booted;
	free(machine->count);
	free(machine->table);
	free(machine->records);
	free(machine->bucket_of);
	free(machine->tasks);
	free(machine);
}

void kmap_pairs(void *booted, int number, long pairs)
{
	struct machine *machine = booted;
	struct task *task = &machine->tasks[number];
	int page = number * (machine->pages / machine->threads);
	for (long i = 0; i < pairs; i++) {
		kmap_high(machine, task, page);
		kunmap_high(machine, page);
		page = (page + 1) & (machine->pages - 1);
	}
}

static void *run_task(void *argument)
{
	struct task *task = argument;
	while (!atomic_load(&task->machine->gate))
		sched_yield();
	kmap_pairs(task->machine, task->number, task->pairs);
	return NULL;
}

void kmap_run(void *booted, long pairs)
{
	struct machine *machine = booted;
	pthread_t threads[1024];
	atomic_store(&machine->gate, 0);
	for (int i = 0; i < machine->threads; i++) {
		machine->tasks[i].pairs = pairs;
		pthread_create(&threads[i], NULL, run_task, &machine->tasks[i]);
	}
	atomic_store(&machine->gate, 1);
	for (int i = 0; i < machine->threads; i++)
		pthread_join(threads[i], NULL);
}

/* Two tasks that hand a turn to and fro and sleep in between. */
static void *run_turns(void *argument)
{
	struct task *task = argument;
	struct machine *machine = task->machine;
	for (long i = 0; i < task->pairs; i++) {
		enqueue(&machine->map_wait, task->number);
		for (;;) {
			atomic_exchange(&task->state, UNINTERRUPTIBLE);
			if (atomic_load(&machine->gate) == task->number)
				break;
			schedule(task);
		}
		atomic_exchange(&task->state, RUNNING);
		dequeue(&machine->map_wait, task->number);
		atomic_store(&machine->gate, 1 - task->number);
		wake_up(machine, &machine->map_wait);
	}
	return NULL;
}

void kmap_turns(void *booted, long turns)
{
	struct machine *machine = booted;
	pthread_t threads[2];
	atomic_store(&machine->gate, 0);
	for (int i = 0; i < 2; i++) {
		machine->tasks[i].pairs = turns;
		pthread_create(&threads[i], NULL, run_turns, &machine->tasks[i]);
	}
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}

/* kmap_atomic() and kunmap_atomic(): one slot of the CPU's own, and preemption off in between. */
static _Thread_local volatile int preempt_count;
static _Thread_local volatile int fixmap[32];

static unsigned kmap_atomic(int page, int type)
{
	preempt_count = preempt_count + 1;
	int index = 2 + type;
	fixmap[index] = page + 1;
	return 0xfffff000u - ((unsigned)index << 12);
}

static void kunmap_atomic(unsigned address)
{
	if (!address)
		abort();
	preempt_count = preempt_count - 1;
}

void kmap_atomic_pairs(void *booted, long pairs)
{
	struct machine *machine = booted;
	for (long i = 0; i < pairs; i++)
		kunmap_atomic(kmap_atomic((int)(i & (machine->pages - 1)), 3));
}
