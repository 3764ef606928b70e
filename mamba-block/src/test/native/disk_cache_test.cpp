/*
 * Copyright 2026 the Mamba for DJL authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"). You may not use this file except in compliance
 * with the License. You may obtain a copy of the License at http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License is distributed
 * on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the License for
 * the specific language governing permissions and limitations under the License.
 */

// The cache of compiled kernels: what others could have written is not read, and what they lay in the way not followed.

#include "../../main/native/cuda/disk_cache.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "checking.h"

namespace {

using namespace checking;
using mamba::cuda::read_cached;
using mamba::cuda::write_cached;
namespace fs = std::filesystem;

constexpr char kName[] = "kernel.bin";
constexpr uid_t kSomebodyElse = 12345;

std::string content_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

int mode_of(const fs::path& path) {
    struct stat found;
    return ::lstat(path.c_str(), &found) == 0 ? static_cast<int>(found.st_mode & 07777) : -1;
}

void set_mode(const fs::path& path, mode_t mode) {
    expect(::chmod(path.c_str(), mode) == 0, "chmod of " + path.string());
}

// A cache with one kernel in a folder of its own, which goes with it.
struct Cache {
    fs::path base, folder, file;

    Cache() {
        char name[] = "/tmp/mamba-cache-XXXXXX";
        base = ::mkdtemp(name);
        folder = base / "given" / "mamba-djl";
        file = folder / kName;
        ::setenv("AI_DJL_MAMBA_CACHE", (base / "given").c_str(), 1);
        write_cached(kName, "code");
    }

    ~Cache() {
        fs::remove_all(base);
        ::unsetenv("AI_DJL_MAMBA_CACHE");
    }

    void expect_read(const std::string& what) const {
        expect(read_cached(kName) == "code", "not read: " + what);
    }

    void expect_refused(const std::string& what) const {
        expect(read_cached(kName).empty(), "read: " + what);
    }
};

void check_what_is_kept() {
    const mode_t before = ::umask(0);
    const Cache cache;
    ::umask(before);
    cache.expect_read("what was written");
    expect(mode_of(cache.folder) == 0700 && mode_of(cache.base / "given") == 0700, "others may look into the cache");
    expect(mode_of(cache.file) == 0600, "others may touch the file");
    write_cached(kName, "new");
    expect(read_cached(kName) == "new", "a file is replaced");
    expect(std::distance(fs::directory_iterator(cache.folder), {}) == 1, "temporary files are left");
}

void check_foreign_files() {
    const Cache cache;
    set_mode(cache.file, 0602);
    cache.expect_refused("a file that others may write to");
    write_cached(kName, "code");
    cache.expect_read("a file that replaced it");
    if (::geteuid() == 0) {
        expect(::chown(cache.file.c_str(), kSomebodyElse, 0) == 0, "chown");
        cache.expect_refused("a file of somebody else");
        expect(::chown(cache.file.c_str(), 0, kSomebodyElse) == 0, "chown");
        set_mode(cache.file, 0660);
        cache.expect_refused("a file that a group may write to");
        set_mode(cache.file, 0640);
        cache.expect_read("a file that a group may read");
    }
    const fs::path real = cache.base / "real";
    fs::rename(cache.file, real);
    fs::create_symlink(real, cache.file);
    cache.expect_refused("a link");
    write_cached(kName, "new");
    expect(!fs::is_symlink(cache.file) && content_of(real).find("new") == std::string::npos, "a link was followed");
    fs::remove(cache.file);
    expect(::mkfifo(cache.file.c_str(), 0600) == 0, "mkfifo");
    cache.expect_refused("a pipe");
}

void check_foreign_folders() {
    const Cache cache;
    for (const fs::path& folder : {cache.folder, cache.base / "given", cache.base}) {
        const int mode = mode_of(folder);
        set_mode(folder, 0777);
        cache.expect_refused("below " + folder.string() + ", to which all may write");
        write_cached("other.bin", "code");
        set_mode(folder, 01777);
        if (folder == cache.folder) {
            cache.expect_refused("in a sticky folder to which all may write");
        } else {
            cache.expect_read("in an own folder of a sticky one");
        }
        set_mode(folder, static_cast<mode_t>(mode));
        if (::geteuid() == 0) {
            expect(::chown(folder.c_str(), kSomebodyElse, 0) == 0, "chown");
            cache.expect_refused("below a folder of somebody else");
            write_cached("other.bin", "code");
            expect(::chown(folder.c_str(), 0, 0) == 0, "chown");
        }
        cache.expect_read("in own folders");
    }
    expect(!fs::exists(cache.folder / "other.bin"), "written to a folder that is not ours alone");
}

// Names that earlier versions gave to temporary files: links there lead to a file that must stay as it is.
void check_planted_links() {
    const Cache cache;
    const fs::path victim = cache.base / "victim";
    std::ofstream(victim) << "precious";
    for (int i = 0; i < 100; i++) {
        fs::create_symlink(
                victim, cache.file.string() + "." + std::to_string(::getpid()) + "." + std::to_string(i) + ".tmp");
    }
    write_cached(kName, "new");
    expect(content_of(victim) == "precious", "a planted link was followed");
    expect(read_cached(kName) == "new", "not written beside planted links");
}

void check_damaged_files() {
    const Cache cache;
    const std::string whole = content_of(cache.file);
    for (std::size_t i = 0; i < whole.size(); i++) {
        std::string damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ 1);
        std::ofstream(cache.file, std::ios::binary) << damaged;
        cache.expect_refused("a damaged byte " + std::to_string(i));
        std::ofstream(cache.file, std::ios::binary) << whole.substr(0, i);
        cache.expect_refused("a file of " + std::to_string(i) + " bytes");
    }
    std::ofstream(cache.file, std::ios::binary) << whole << '\n';
    cache.expect_refused("a file that is too long");
}

}  // namespace

void check_disk_cache() {
    check_what_is_kept();
    check_foreign_files();
    check_foreign_folders();
    check_planted_links();
    check_damaged_files();
}
