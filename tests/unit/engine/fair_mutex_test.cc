#include "runtime/tasks/fair_mutex.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace thalweg::runtime {
namespace {

TEST(FairMutex, WhoAskedFirstGoesFirst) {
  FairMutex mutex;
  std::string order;
  mutex.lock();
  std::thread reader([&] {
    FairMutexLock lock(mutex);
    order += "r";
  });
  while (mutex.users() < 2) std::this_thread::yield();
  order += "w";
  mutex.unlock();
  mutex.lock();  // at once, as a worker with more to do
  order += "w";
  mutex.unlock();
  reader.join();
  EXPECT_EQ(order, "wrw");
}

TEST(FairMutex, OneAtATime) {
  FairMutex mutex;
  std::int64_t count = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) {
        FairMutexLock lock(mutex);
        ++count;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(count, 40'000);
  EXPECT_EQ(mutex.users(), 0u);
}

}  // namespace
}  // namespace thalweg::runtime
