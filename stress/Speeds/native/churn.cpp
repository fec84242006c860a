// The scenario churn for Relacy: each of 4 tasks maps and unmaps a page of its own 3 times, on 2 slots.
// A step is an operation at which Relacy may switch: taking and giving back the lock, sleeping, waking.
// Prints the steps and the seconds that they took. Its argument is the number of executions.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <relacy/relacy.hpp>

static int const TASKS = 4;
static int const SLOTS = 2;
static int const ROUNDS = 3;

static unsigned long long steps;

struct churn : rl::test_suite<churn, TASKS>
{
    rl::mutex kmap_lock;
    rl::condition_variable pkmap_map_wait;
    rl::var<int> pkmap_count[SLOTS];
    rl::var<int> pkmap_page_table[SLOTS];
    rl::var<int> page_address[TASKS];
    rl::var<int> last_pkmap_nr;

    void before()
    {
        for (int i = 0; i < SLOTS; i++)
        {
            pkmap_count[i]($) = 0;
            pkmap_page_table[i]($) = 0;
        }
        for (int i = 0; i < TASKS; i++)
            page_address[i]($) = 0;
        last_pkmap_nr($) = 0;
    }

    void flush_all_zero_pkmaps()
    {
        for (int i = 0; i < SLOTS; i++)
        {
            if (pkmap_count[i]($) != 1)
                continue;
            pkmap_count[i]($) = 0;
            page_address[pkmap_page_table[i]($) - 1]($) = 0;
            pkmap_page_table[i]($) = 0;
        }
    }

    bool map_new_virtual(int page)
    {
        for (int left = SLOTS; left > 0;)
        {
            int slot = (last_pkmap_nr($) + 1) % SLOTS;
            last_pkmap_nr($) = slot;
            if (slot == 0)
            {
                flush_all_zero_pkmaps();
                left = SLOTS;
            }
            if (pkmap_count[slot]($) == 0)
            {
                pkmap_count[slot]($) = 1;
                pkmap_page_table[slot]($) = page + 1;
                page_address[page]($) = slot + 1;
                return true;
            }
            left--;
        }
        return false;
    }

    void kmap_high(int page)
    {
        steps++;
        kmap_lock.lock($);
        while (page_address[page]($) == 0 && !map_new_virtual(page))
        {
            steps += 2;
            pkmap_map_wait.wait(kmap_lock, $);
        }
        int slot = page_address[page]($) - 1;
        pkmap_count[slot]($) = pkmap_count[slot]($) + 1;
        steps++;
        kmap_lock.unlock($);
    }

    void kunmap_high(int page)
    {
        steps++;
        kmap_lock.lock($);
        int slot = page_address[page]($) - 1;
        int count = pkmap_count[slot]($) - 1;
        RL_ASSERT(count > 0);
        pkmap_count[slot]($) = count;
        steps++;
        kmap_lock.unlock($);
        if (count == 1)
        {
            steps++;
            pkmap_map_wait.notify_all($);
        }
    }

    void thread(unsigned task)
    {
        for (int round = 0; round < ROUNDS; round++)
        {
            kmap_high(task);
            kunmap_high(task);
        }
    }
};

int main(int, char** arguments)
{
    rl::test_params parameters;
    parameters.iteration_count = atoll(arguments[1]);
    parameters.search_type = rl::random_scheduler_type;
    auto began = std::chrono::steady_clock::now();
    bool fine = rl::simulate<churn>(parameters);
    auto took = std::chrono::steady_clock::now() - began;
    std::printf("%llu steps\n", steps);
    std::printf("%f seconds\n", std::chrono::duration<double>(took).count());
    return fine ? 0 : 1;
}
