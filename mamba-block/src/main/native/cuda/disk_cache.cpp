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

#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
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
    const std::string path = folder();
    if (path.empty()) {
        return {};
    }
    const File file(std::fopen((path + name).c_str(), "rb"));
    Header header;
    if (!file || std::fread(&header, sizeof(header), 1, file.get()) != 1
        || std::memcmp(header.magic, kMagic, sizeof(kMagic)) != 0 || header.length > (1u << 26)) {
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
    const std::string path = folder();
    if (path.empty()) {
        return;
    }
    make_folders(path);
    static std::atomic<unsigned> counter{0};
    const std::string temporary
            = path + name + "." + std::to_string(::getpid()) + "." + std::to_string(counter++) + ".tmp";
    Header header;
    std::memcpy(header.magic, kMagic, sizeof(kMagic));
    header.length = content.size();
    header.checksum = hash_of(content);
    bool written = false;
    {
        const File file(std::fopen(temporary.c_str(), "wb"));
        written = file && std::fwrite(&header, sizeof(header), 1, file.get()) == 1
                  && std::fwrite(content.data(), 1, content.size(), file.get()) == content.size()
                  && std::fflush(file.get()) == 0;
    }
    // Another process may have the same idea: each moves a whole file into place.
    if (!written || std::rename(temporary.c_str(), (path + name).c_str()) != 0) {
        std::remove(temporary.c_str());
    }
}

}  // namespace cuda
}  // namespace mamba
