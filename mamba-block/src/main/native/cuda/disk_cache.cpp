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

#include "disk_cache.h"

#include <c10/util/Exception.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace mamba {
namespace cuda {

namespace {

constexpr char kMagic[8] = {'m', 'a', 'm', 'b', 'a', 'd', 'j', 'l'};

struct Header {
    char magic[8];
    uint64_t length;
    uint64_t checksum;
};

struct Close {
    void operator()(std::FILE* file) const {
        std::fclose(file);
    }
};

using File = std::unique_ptr<std::FILE, Close>;

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

// With a slash at the end; empty if there is nowhere to store anything.
std::string folder() {
    std::string base = environment("AI_DJL_MAMBA_CACHE");
    if (base.empty()) {
        base = environment("XDG_CACHE_HOME");
    }
    if (base.empty()) {
        base = environment("HOME");
        if (base.empty()) {
            return base;
        }
        base += "/.cache";
    }
    return base + "/mamba-djl/";
}

// Whether a group is the private one of a user, which by convention bears the user's name.
bool is_private_group(gid_t group, uid_t user) {
    char group_text[4096];
    char user_text[4096];
    struct group group_entry;
    struct passwd user_entry;
    struct group* found_group = nullptr;
    struct passwd* found_user = nullptr;
    return ::getgrgid_r(group, &group_entry, group_text, sizeof(group_text), &found_group) == 0 && found_group
           && ::getpwuid_r(user, &user_entry, user_text, sizeof(user_text), &found_user) == 0 && found_user
           && std::strcmp(found_group->gr_name, found_user->pw_name) == 0;
}

struct Found {
    uid_t user;
    gid_t group;
    mode_t mode;
    uint64_t size;
};

// What is at a path, links not followed, or behind a descriptor if the path is empty; returns whether there is something.
// A library that calls stat and its like does not load with a glibc older than 2.33 if it was built with a newer one.
bool examine(int descriptor, const char* path, Found& found) {
#ifdef STATX_BASIC_STATS
    struct statx status;
    if (::statx(descriptor, path, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &status) != 0) {
        return false;
    }
    found = {status.stx_uid, status.stx_gid, status.stx_mode, status.stx_size};
#else
    struct stat status;
    if ((*path ? ::lstat(path, &status) : ::fstat(descriptor, &status)) != 0) {
        return false;
    }
    found = {status.st_uid, status.st_gid, status.st_mode, static_cast<uint64_t>(status.st_size)};
#endif
    return true;
}

bool is_owned(const Found& found) {
    return found.user == ::geteuid() || found.user == 0;
}

// Whether only this user and root can change a file, or what is in a folder. Access lists count as the group's mode.
bool is_ours(const Found& found) {
    return is_owned(found) && (found.mode & S_IWOTH) == 0
           && ((found.mode & S_IWGRP) == 0 || is_private_group(found.group, found.user));
}

// Whether nobody else can rename what is ours in such a folder. In a sticky one, others can only add files.
bool keeps_ours(const Found& folder) {
    return S_ISDIR(folder.mode) && (is_ours(folder) || (is_owned(folder) && (folder.mode & S_ISVTX) != 0));
}

// The path of a folder without links and with a slash at the end; empty if others could change what is in it.
std::string trusted(const char* resolved) {
    const std::string real = std::string(resolved) + "/";
    Found found{};
    for (std::size_t slash = real.find('/'); slash != std::string::npos; slash = real.find('/', slash + 1)) {
        if (!examine(AT_FDCWD, real.substr(0, std::max<std::size_t>(slash, 1)).c_str(), found) || !keeps_ours(found)) {
            return {};
        }
    }
    return is_ours(found) ? real : std::string();
}

// As above, for the folder of the cache if there is one; says once what is wrong.
std::string trusted_folder() {
    const std::string path = folder();
    const std::unique_ptr<char, decltype(&std::free)> resolved(
            path.empty() ? nullptr : ::realpath(path.c_str(), nullptr), &std::free);
    if (!resolved) {
        return {};
    }
    const std::string real = trusted(resolved.get());
    if (real.empty()) {
        TORCH_WARN_ONCE(
                "mamba: others may write to ", path, " or to a folder above it, so compiled kernels are neither kept there "
                "nor taken from there; the environment variable AI_DJL_MAMBA_CACHE names another folder");
    }
    return real;
}

// The file of that descriptor, which is closed with it.
File opened(int descriptor, const char* mode) {
    if (descriptor < 0) {
        return File();
    }
    File file(::fdopen(descriptor, mode));
    if (!file) {
        ::close(descriptor);
    }
    return file;
}

void make_folders(const std::string& path) {
    for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
        // Folders that exist are the usual case; a real failure shows when the file is opened.
        (void) ::mkdir(path.substr(0, slash).c_str(), 0700);
    }
}

}  // namespace

uint64_t hash_of(const std::string& text) {
    uint64_t hash = 14695981039346656037ull;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
    }
    return hash;
}

std::string read_cached(const std::string& name) {
    const std::string path = trusted_folder();
    if (path.empty()) {
        return {};
    }
    // a pipe would keep a reader waiting but for O_NONBLOCK
    const File file = opened(::open((path + name).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), "rb");
    Found found{};
    Header header;
    if (!file || !examine(::fileno(file.get()), "", found) || !S_ISREG(found.mode) || !is_ours(found)
        || std::fread(&header, sizeof(header), 1, file.get()) != 1
        || std::memcmp(header.magic, kMagic, sizeof(kMagic)) != 0 || header.length > (1u << 26)
        || header.length != found.size - sizeof(header)) {
        return {};
    }
    std::string content(header.length, '\0');
    if (std::fread(&content[0], 1, content.size(), file.get()) != content.size()
        || hash_of(content) != header.checksum) {
        return {};
    }
    return content;
}

void write_cached(const std::string& name, const std::string& content) {
    make_folders(folder());
    const std::string path = trusted_folder();
    if (path.empty()) {
        return;
    }
    // a new file (O_EXCL, which follows no link) of a random name, for this user only
    std::string temporary = path + name + ".XXXXXX";
    const File file = opened(::mkostemp(&temporary[0], O_CLOEXEC), "wb");
    if (!file) {
        return;
    }
    Header header;
    std::memcpy(header.magic, kMagic, sizeof(kMagic));
    header.length = content.size();
    header.checksum = hash_of(content);
    const bool written = std::fwrite(&header, sizeof(header), 1, file.get()) == 1
                         && std::fwrite(content.data(), 1, content.size(), file.get()) == content.size()
                         && std::fflush(file.get()) == 0;
    // Another process may have the same idea: each moves a whole file into place.
    if (!written || std::rename(temporary.c_str(), (path + name).c_str()) != 0) {
        std::remove(temporary.c_str());
    }
}

}  // namespace cuda
}  // namespace mamba
