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
package ai.djl.mamba.zoo.internal.hub;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Queries the hub for the commit of a repository, its files, and their sizes and hashes. */
final class HubApi {

    private static final int MAX_ANSWER_BYTES = 16 << 20;
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
    private static final Gson GSON = new Gson();

    private final URI endpoint;
    private final HubHttp http;
    private final RetryPolicy policy;

    HubApi(URI endpoint, HubHttp http, RetryPolicy policy) {
        this.endpoint = endpoint;
        this.http = http;
        this.policy = policy;
    }

    /** A repository at one commit. The names are those listed by the server, not to be trusted. */
    record Listing(String commit, Set<String> files) {}

    /** The part of the answer that is used, with the names of the API. */
    private record Answer(String sha, List<Sibling> siblings) {}

    private record Sibling(String rfilename) {}

    /** Requests the commit of a revision and its files. */
    Listing list(HubId id) throws IOException {
        String path = "/api/models/" + id.owner() + '/' + id.name() + "/revision/" + id.revision();
        URI address = URI.create(endpoint + path);
        String what = "model " + id;
        return Attempts.repeat(
                policy,
                () -> {
                    try (HubResponse response = http.get(address, what)) {
                        return parse(response, readAll(response, what), what);
                    }
                });
    }

    private static String readAll(HubResponse response, String what) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[1 << 13];
        try (InputStream body = response.body(what)) {
            for (int n = 0; n >= 0; n = response.read(body, buffer, what)) {
                all.write(buffer, 0, n);
                if (all.size() > MAX_ANSWER_BYTES) {
                    throw new IOException(
                            what
                                    + ": the answer is too long from "
                                    + HubHttp.shown(response.address()));
                }
            }
        }
        if (all.size() < response.bodySize()) {
            throw new TransientException(
                    what
                            + ": the answer from "
                            + HubHttp.shown(response.address())
                            + " is truncated",
                    Duration.ZERO);
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    private static Listing parse(HubResponse response, String answer, String what)
            throws IOException {
        Answer json;
        try {
            json = GSON.fromJson(answer, Answer.class);
        } catch (JsonParseException e) {
            throw notAnApi(response, what, e);
        }
        if (json == null || json.sha == null || json.siblings == null) {
            throw notAnApi(response, what, null);
        }
        Set<String> files = new HashSet<>();
        for (Sibling sibling : json.siblings) {
            files.add(sibling == null ? null : sibling.rfilename);
        }
        if (files.contains(null) || !COMMIT.matcher(json.sha).matches()) {
            throw notAnApi(response, what, null);
        }
        return new Listing(json.sha, files);
    }

    private static IOException notAnApi(HubResponse response, String what, RuntimeException cause) {
        return new IOException(
                what
                        + ": "
                        + HubHttp.shown(response.address())
                        + " should answer with JSON that has \"sha\" and \"siblings\", but answered"
                        + " with something else, of type "
                        + response.connection().getContentType()
                        + "; is HF_ENDPOINT correct?",
                cause);
    }

    /** Requests the size and hash of a file. */
    RemoteFile describe(HubId id, String commit, String file) throws IOException {
        String path = '/' + id.owner() + '/' + id.name() + "/resolve/" + commit + '/' + file;
        URI address = URI.create(endpoint + path);
        String what = file + " of " + id;
        return Attempts.repeat(
                policy,
                () -> {
                    try (HubResponse response = http.head(address, what)) {
                        if (response.size() < 0) {
                            throw new IOException(
                                    what
                                            + ": "
                                            + HubHttp.shown(response.address())
                                            + " does not report the size of the file");
                        }
                        String hash = response.hash();
                        String version = hash == null ? commit : hash;
                        return new RemoteFile(file, address, response.size(), hash, version);
                    }
                });
    }

    /** Requests the content of a file from an offset. */
    HubResponse open(RemoteFile file, long from) throws IOException {
        return from == 0
                ? http.get(file.address(), file.name())
                : http.get(file.address(), from, file.name());
    }
}
