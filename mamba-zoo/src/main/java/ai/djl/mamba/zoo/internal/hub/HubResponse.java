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

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A successful response of the hub.
 *
 * @param connection the connection, with the body still unread
 * @param status 200; 206 or 416 for a range; a redirect for HEAD
 * @param address the address that answered, after redirects
 * @param linkedSize the first X-Linked-Size header of all redirects; may be null
 * @param linkedEtag the first X-Linked-Etag header of all redirects; may be null
 */
record HubResponse(
        HttpURLConnection connection, int status, URI address, String linkedSize, String linkedEtag)
        implements AutoCloseable {

    private static final Pattern RANGE =
            Pattern.compile("bytes (\\d{1,18})-\\d{1,18}/(\\d{1,18}|\\*)");
    private static final Pattern SIZE = Pattern.compile("\\d{1,18}");

    /** Returns the reported size of the whole file; −1 if unknown. */
    long size() {
        String size = linkedSize == null ? connection.getHeaderField("Content-Length") : linkedSize;
        return size != null && SIZE.matcher(size).matches() ? Long.parseLong(size) : -1;
    }

    /** Returns the size of this body; −1 if unknown. */
    long bodySize() {
        return connection.getContentLengthLong();
    }

    /** Returns the reported hash of the whole file; null if unknown. */
    String hash() {
        return ContentHash.ofEtag(
                linkedEtag == null ? connection.getHeaderField("ETag") : linkedEtag);
    }

    /** Returns whether the body continues a file of a given size at a given offset. */
    boolean continues(long from, long size) {
        String range = connection.getHeaderField("Content-Range");
        Matcher matcher = RANGE.matcher(range == null ? "" : range.strip());
        return status == 206
                && matcher.matches()
                && Long.parseLong(matcher.group(1)) == from
                && (matcher.group(2).equals("*") || Long.parseLong(matcher.group(2)) == size);
    }

    /** Opens the body. */
    InputStream body(String what) throws TransientException {
        try {
            return connection.getInputStream();
        } catch (IOException e) {
            throw lost(what, e);
        }
    }

    /** Reads part of the body; returns −1 at its end. */
    int read(InputStream body, byte[] buffer, String what) throws TransientException {
        try {
            return body.read(buffer);
        } catch (IOException e) {
            throw lost(what, e);
        }
    }

    private TransientException lost(String what, IOException e) {
        return new TransientException(
                what + ": lost the connection to " + HubHttp.shown(address) + " (" + e + ")", e);
    }

    /** Closes the connection; the unread part of the body is lost. */
    @Override
    public void close() {
        connection.disconnect();
    }
}
