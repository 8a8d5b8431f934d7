// The attack table: bytes that somebody else could have written are never loaded.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "cppstencils/support/cache_directory.hpp"
#include "cppstencils/support/error.hpp"
#include "support/cache_testing.hpp"
#include "support/file_cache.hpp"

namespace cppstencils::support {
namespace {

using testing::file_names;
using testing::payload_of;
using testing::read_bytes;
using testing::run_in_child;
using testing::TemporaryFolder;
using testing::Warnings;
using testing::write_bytes;

constexpr uid_t attacker = 12345;
constexpr uid_t user = 23456;
const std::string key = "kernel";
const Bytes evil = payload_of(666, 1000);
const Bytes good = payload_of(1, 1000);

enum class Needs { nothing, two_users };
/// What helps: nothing, a store that takes the place of the entry, or already the load, which removes a damaged entry.
enum class Heals { no, when_stored, when_loaded };

struct Place {
  std::filesystem::path base;
  std::filesystem::path folder = base / "above" / "cache";
  std::filesystem::path entry = folder / entry_file_name(key);
  std::filesystem::path elsewhere = base / "elsewhere";

  /// The attacker's wish: this entry gets loaded.
  void plant(const std::filesystem::path& path) const { write_bytes(path, encode_entry(key, evil)); }
};

struct Attack {
  std::string name;
  Needs needs = Needs::nothing;
  Heals heals = Heals::no;
  std::function<void(const Place&)> prepare;
};

void change_mode(const std::filesystem::path& path, mode_t mode) { ASSERT_EQ(::chmod(path.c_str(), mode), 0); }
void give_away(const std::filesystem::path& path) { ASSERT_EQ(::lchown(path.c_str(), attacker, attacker), 0); }

const std::vector<Attack>& attacks() {
  static const std::vector<Attack> all = {
      {"folder_of_another_user", Needs::two_users, Heals::no, [](const Place& p) { give_away(p.folder); }},
      {"folder_that_its_group_can_write", Needs::nothing, Heals::no,
       [](const Place& p) { change_mode(p.folder, 0770); }},
      {"folder_that_all_can_write", Needs::nothing, Heals::no, [](const Place& p) { change_mode(p.folder, 0707); }},
      {"sticky_folder_that_all_can_write", Needs::nothing, Heals::no,
       [](const Place& p) { change_mode(p.folder, 01777); }},
      {"folder_is_a_symbolic_link", Needs::nothing, Heals::no,
       [](const Place& p) {
         std::filesystem::rename(p.folder, p.elsewhere);
         std::filesystem::create_directory_symlink(p.elsewhere, p.folder);
       }},
      {"folder_is_a_file", Needs::nothing, Heals::no,
       [](const Place& p) {
         std::filesystem::rename(p.folder, p.elsewhere);
         write_bytes(p.folder, evil);
       }},
      {"folder_above_of_another_user", Needs::two_users, Heals::no,
       [](const Place& p) { give_away(p.folder.parent_path()); }},
      {"folder_above_that_all_can_write", Needs::nothing, Heals::no,
       [](const Place& p) { change_mode(p.folder.parent_path(), 0777); }},
      {"folder_above_that_its_group_can_write", Needs::nothing, Heals::no,
       [](const Place& p) { change_mode(p.folder.parent_path(), 0770); }},
      {"folder_two_above_that_all_can_write", Needs::nothing, Heals::no,
       [](const Place& p) { change_mode(p.base, 0777); }},
      {"link_above_of_another_user", Needs::two_users, Heals::no,
       [](const Place& p) {
         // In a folder like /tmp: the target is the user's own, but the attacker chooses which one.
         std::filesystem::rename(p.base / "above", p.elsewhere);
         change_mode(p.base, 01777);
         std::filesystem::create_directory_symlink(p.elsewhere, p.base / "above");
         give_away(p.base / "above");
       }},
      {"link_above_into_a_folder_that_all_can_write", Needs::nothing, Heals::no,
       [](const Place& p) {
         std::filesystem::create_directory(p.elsewhere);
         std::filesystem::rename(p.base / "above", p.elsewhere / "above");
         change_mode(p.elsewhere, 0777);
         std::filesystem::create_directory_symlink(p.elsewhere / "above", p.base / "above");
       }},
      {"links_in_a_circle", Needs::nothing, Heals::no,
       [](const Place& p) {
         std::filesystem::rename(p.base / "above", p.elsewhere);
         std::filesystem::create_directory_symlink("above", p.base / "above");
       }},
      {"entry_of_another_user", Needs::two_users, Heals::when_stored, [](const Place& p) { give_away(p.entry); }},
      {"entry_that_its_group_can_write", Needs::nothing, Heals::when_stored,
       [](const Place& p) { change_mode(p.entry, 0660); }},
      {"entry_that_all_can_write", Needs::nothing, Heals::when_stored,
       [](const Place& p) { change_mode(p.entry, 0602); }},
      {"entry_is_a_symbolic_link", Needs::nothing, Heals::when_stored,
       [](const Place& p) {
         std::filesystem::rename(p.entry, p.elsewhere);
         std::filesystem::create_symlink(p.elsewhere, p.entry);
       }},
      {"entry_is_a_hard_link", Needs::nothing, Heals::when_stored,
       [](const Place& p) {
         std::filesystem::rename(p.entry, p.elsewhere);
         std::filesystem::create_hard_link(p.elsewhere, p.entry);
       }},
      {"entry_is_a_fifo", Needs::nothing, Heals::when_stored,
       [](const Place& p) {
         std::filesystem::remove(p.entry);
         ASSERT_EQ(::mkfifo(p.entry.c_str(), 0600), 0);
       }},
      {"entry_is_a_folder", Needs::nothing, Heals::no,
       [](const Place& p) {
         std::filesystem::remove(p.entry);
         std::filesystem::create_directory(p.entry);
       }},
      {"entry_is_a_socket", Needs::nothing, Heals::when_stored,
       [](const Place& p) {
         // The address of a socket is short, so it is made beside and moved.
         std::filesystem::remove(p.entry);
         const FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
         sockaddr_un address = {};
         address.sun_family = AF_UNIX;
         const std::string path = p.base / "s";
         ASSERT_LT(path.size(), sizeof address.sun_path);
         path.copy(address.sun_path, path.size());
         ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
         std::filesystem::rename(path, p.entry);
       }},
      {"entry_of_another_key", Needs::nothing, Heals::when_loaded,
       [](const Place& p) { write_bytes(p.entry, encode_entry("another key", evil)); }},
  };
  return all;
}

class HostileFolders : public ::testing::TestWithParam<std::size_t> {};

TEST_P(HostileFolders, NothingIsLoaded) {
  const Attack& attack = attacks()[GetParam()];
  if (attack.needs == Needs::two_users && ::geteuid() != 0) {
    GTEST_SKIP() << "SKIPPED: only root can make the files of another user.";
  }
  TemporaryFolder base;
  const Place place{.base = base.path()};
  std::filesystem::create_directories(place.folder);
  change_mode(place.folder, 0700);
  place.plant(place.entry);
  {
    Warnings none;
    FileCache cache({.directory = place.folder, .on_warning = none.handler()});
    ASSERT_EQ(cache.load(key), evil) << "the attack must work but for the one thing that it is about";
  }
  attack.prepare(place);
  if (HasFatalFailure()) return;
  const auto mode = [&] {
    struct stat facts = {};
    ::lstat(place.folder.c_str(), &facts);
    return facts.st_mode;
  };
  const mode_t mode_before = mode();

  Warnings warnings;
  FileCache cache({.directory = place.folder, .on_warning = warnings.handler()});
  EXPECT_EQ(cache.load(key), std::nullopt);
  EXPECT_EQ(cache.load(key), std::nullopt);
  EXPECT_EQ(warnings.count(), 1U) << warnings.text();
  if (attack.heals == Heals::when_stored) {
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::symlink_status(place.entry))) << "a load removes only its own";
  }
  EXPECT_EQ(cache.store(key, good), attack.heals != Heals::no);
  EXPECT_EQ(cache.load(key), attack.heals != Heals::no ? std::optional(good) : std::nullopt);
  EXPECT_EQ(warnings.count(), 1U) << warnings.text();
  EXPECT_EQ(mode(), mode_before) << "a cache never changes the mode of a folder";
  if (std::filesystem::is_regular_file(place.elsewhere)) {
    EXPECT_EQ(read_bytes(place.elsewhere), encode_entry(key, evil)) << "the file behind the link was changed";
  }
}

INSTANTIATE_TEST_SUITE_P(Attacks, HostileFolders, ::testing::Range(std::size_t{0}, attacks().size()),
                         [](const auto& row) { return attacks()[row.param].name; });

TEST(HostileFolder, AFolderThatIsSwappedAfterTheCheckIsNotUsed) {
  TemporaryFolder base;
  const Place place{.base = base.path()};
  Warnings warnings;
  FileCache cache({.directory = place.folder, .on_warning = warnings.handler()});
  std::filesystem::rename(place.folder, place.elsewhere);
  std::filesystem::create_directory(place.folder);
  place.plant(place.entry);
  EXPECT_EQ(cache.load(key), std::nullopt);
  EXPECT_TRUE(cache.store(key, good));
  EXPECT_EQ(cache.load(key), good);
  EXPECT_EQ(read_bytes(place.entry), encode_entry(key, evil));
  EXPECT_EQ(warnings.text(), "");
}

TEST(HostileFolder, AFolderThatIsOpenedToOthersLaterIsNotUsedAnyMore) {
  TemporaryFolder base;
  const Place place{.base = base.path()};
  Warnings warnings;
  FileCache cache({.directory = place.folder, .on_warning = warnings.handler()});
  place.plant(place.entry);
  EXPECT_EQ(cache.load(key), evil);
  change_mode(place.folder, 0777);
  EXPECT_EQ(cache.load(key), std::nullopt);
  EXPECT_FALSE(cache.store(key, good));
  EXPECT_FALSE(cache.lock(key).holds());
  EXPECT_EQ(warnings.count(), 1U) << warnings.text();
}

TEST(HostileFolder, AFolderThatIsReplacedByAHostileOneIsNotReopened) {
  TemporaryFolder base;
  const Place place{.base = base.path()};
  Warnings warnings;
  FileCache cache({.directory = place.folder, .on_warning = warnings.handler()});
  std::filesystem::remove_all(place.folder);
  std::filesystem::create_directory(place.folder);
  change_mode(place.folder, 0777);
  place.plant(place.entry);
  EXPECT_EQ(cache.load(key), std::nullopt);
  EXPECT_FALSE(cache.store(key, good));
  EXPECT_EQ(cache.load(key), std::nullopt);
  EXPECT_EQ(warnings.count(), 1U) << warnings.text();
}

TEST(HostileFolder, HelperFilesThatAreLinksHarmNoOtherFile) {
  TemporaryFolder base;
  const Place place{.base = base.path()};
  const std::filesystem::path victim = base.path() / "victim";
  for (const bool is_symbolic : {true, false}) {
    SCOPED_TRACE(is_symbolic);
    Warnings warnings;
    FileCache cache({.directory = place.folder, .on_warning = warnings.handler()});
    write_bytes(victim, good);
    for (const char* name : {usage_file_name, lock_file_name}) {
      std::filesystem::remove(place.folder / name);
      is_symbolic ? std::filesystem::create_symlink(victim, place.folder / name)
                  : std::filesystem::create_hard_link(victim, place.folder / name);
    }
    EXPECT_TRUE(cache.store(key, good));
    EXPECT_FALSE(cache.lock(key).holds());
    EXPECT_EQ(cache.load(key), good);
    EXPECT_EQ(read_bytes(victim), good);
  }
}

/// Runs `body` as another user; skips without the right to.
int run_as(uid_t id, const std::function<int()>& body) {
  return run_in_child([&] {
    if (::setgid(id) != 0 || ::setuid(id) != 0) {
      return testing::skipped_exit_code;
    }
    return body();
  });
}

TEST(HostileFolder, AUserDoesNotLoadFromAnAttackersFolder) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "SKIPPED: only root can act as two users.";
  }
  TemporaryFolder base;
  ::chmod(base.path().c_str(), 01777);  // like /tmp
  const std::filesystem::path folder = base.path() / "cppstencils-cache";
  const CacheOptions options{.directory = folder};
  ASSERT_EQ(run_as(attacker,
                   [&] {
                     EXPECT_TRUE(FileCache(options).store(key, evil));
                     ::chmod(folder.c_str(), 0755);
                     ::chmod((folder / entry_file_name(key)).c_str(), 0644);
                     return 0;
                   }),
            0);
  const auto loads_nothing = [&] {
    Warnings warnings;
    CacheOptions mine = options;
    mine.on_warning = warnings.handler();
    for (const CacheMode mode : {CacheMode::read_write, CacheMode::read_only}) {
      mine.mode = mode;
      FileCache cache(mine);
      EXPECT_EQ(cache.load(key), std::nullopt);
      EXPECT_FALSE(cache.store(key, good));
    }
    EXPECT_EQ(warnings.count(), 2U) << warnings.text();
    EXPECT_NE(warnings.text().find("belongs to another user"), std::string::npos) << warnings.text();
    EXPECT_THROW(inspect_cache(options), ConfigError);
    return 0;
  };
  EXPECT_EQ(run_as(user, loads_nothing), 0);
  EXPECT_EQ(run_in_child(loads_nothing), 0) << "root must not trust the folder of a user";
  EXPECT_EQ(run_as(attacker, [&] { return FileCache(options).load(key) == evil ? 0 : 1; }), 0);
}

TEST(HostileFolder, AUserMayReadWhatRootHasPrepared) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "SKIPPED: only root can prepare a folder for others.";
  }
  TemporaryFolder base;
  ::chmod(base.path().c_str(), 0755);
  const std::filesystem::path folder = base.path() / "cache";
  FileCache({.directory = folder}).store(key, good);
  ::chmod(folder.c_str(), 0755);
  ::chmod((folder / entry_file_name(key)).c_str(), 0644);
  EXPECT_EQ(
      run_as(user,
             [&] {
               Warnings warnings;
               FileCache cache({.mode = CacheMode::read_only, .directory = folder, .on_warning = warnings.handler()});
               EXPECT_EQ(cache.load(key), good);
               EXPECT_EQ(warnings.text(), "");
               return 0;
             }),
      0);
  EXPECT_EQ(run_as(user,
                   [&] {
                     Warnings warnings;
                     FileCache cache({.directory = folder, .on_warning = warnings.handler()});
                     EXPECT_EQ(cache.load(key), good);
                     EXPECT_FALSE(cache.store(key, evil));
                     EXPECT_FALSE(cache.store(key, evil));
                     EXPECT_EQ(warnings.count(), 1U) << warnings.text();
                     return 0;
                   }),
            0);
}

TEST(HostileFolder, SudoWithTheHomeOfAUserLeavesNothingThere) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "SKIPPED: only root can be root in the home of a user.";
  }
  TemporaryFolder home;
  give_away(home.path());
  Warnings warnings;
  FileCache cache({.directory = home.path() / ".cache" / "cppstencils", .on_warning = warnings.handler()});
  EXPECT_FALSE(cache.store(key, good));
  EXPECT_TRUE(file_names(home.path()).empty());
  EXPECT_EQ(warnings.count(), 1U);
}

}  // namespace
}  // namespace cppstencils::support
