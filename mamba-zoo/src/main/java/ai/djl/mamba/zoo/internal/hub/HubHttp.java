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
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** HTTP requests to the hub: redirects, the token, and the meaning of statuses. */
final class HubHttp {

    /** The setting that lets the token be sent without encryption. */
    static final String OVER_HTTP = "MAMBA_HF_TOKEN_OVER_HTTP";

    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final int MAX_REDIRECTS = 10;
    private static final int MAX_MESSAGE_LENGTH = 200;
    private static final Pattern LOOPBACK =
            Pattern.compile("(?i)localhost|127(\\.\\d{1,3}){3}|\\[::1]");
    private static final Logger LOGGER = LoggerFactory.getLogger(HubHttp.class);
    private static final String USER_AGENT = userAgent();

    private final URI endpoint;
    private final String token; // null if there is none, or it must not be sent
    private final boolean isTokenWithheld;
    private final Duration timeout;

    /**
     * Creates an instance.
     *
     * @param tokenOrNull the access token, which is not sent without encryption
     * @param isSentUnencrypted whether it is sent without encryption all the same
     */
    HubHttp(URI endpoint, String tokenOrNull, boolean isSentUnencrypted, Duration timeout) {
        this.endpoint = endpoint;
        this.timeout = timeout;
        boolean maySend = isSentUnencrypted || isPrivate(endpoint);
        isTokenWithheld = tokenOrNull != null && !maySend;
        token = maySend ? tokenOrNull : null;
        if (isTokenWithheld) {
            LOGGER.warn(
                    "HF_TOKEN is not sent to {}, where it could be read on the way: {}=true sends it",
                    shown(endpoint),
                    OVER_HTTP);
        }
    }

    /** Whether nobody can read what is sent: it is encrypted, or stays on this machine. */
    private static boolean isPrivate(URI address) {
        return "https".equalsIgnoreCase(address.getScheme())
                || LOOPBACK.matcher(address.getHost()).matches();
    }

    private static String userAgent() {
        String version = HubHttp.class.getPackage().getImplementationVersion();
        return "mamba-for-djl/" + (version == null ? "unpackaged" : version);
    }

    /** Formats an address for messages: without user, query and fragment, which may be secret. */
    static String shown(URI address) {
        String port = address.getPort() < 0 ? "" : ":" + address.getPort();
        return address.getScheme() + "://" + address.getHost() + port + address.getRawPath();
    }

    /** Requests a whole file. */
    HubResponse get(URI address, String what) throws IOException {
        return request("GET", address, 0, what);
    }

    /** Requests a file from an offset; the server may send the whole file instead. */
    HubResponse get(URI address, long from, String what) throws IOException {
        return request("GET", address, from, what);
    }

    /** Requests the metadata of a file, which the hub reports before it redirects. */
    HubResponse head(URI address, String what) throws IOException {
        return request("HEAD", address, 0, what);
    }

    private HubResponse request(String method, URI first, long from, String what)
            throws IOException {
        URI address = first;
        String linkedSize = null;
        String linkedEtag = null;
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            HttpURLConnection connection = connect(method, address, from);
            int status = status(connection, address, what);
            linkedSize = firstOf(linkedSize, connection.getHeaderField("X-Linked-Size"));
            linkedEtag = firstOf(linkedEtag, connection.getHeaderField("X-Linked-Etag"));
            HubResponse response =
                    new HubResponse(connection, status, address, linkedSize, linkedEtag);
            boolean isReported = method.equals("HEAD") && linkedSize != null && linkedEtag != null;
            if (!REDIRECTS.contains(status) || isReported) {
                check(response, from, what);
                return response;
            }
            String location = connection.getHeaderField("Location");
            connection.disconnect();
            address = next(address, location, what);
        }
        throw new IOException(
                what + ": more than " + MAX_REDIRECTS + " redirects from " + shown(first));
    }

    private static String firstOf(String known, String reported) {
        return known == null ? reported : known;
    }

    private HttpURLConnection connect(String method, URI address, long from) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
        connection.setInstanceFollowRedirects(false); // it would forward the token
        connection.setRequestMethod(method);
        connection.setUseCaches(false);
        connection.setConnectTimeout((int) timeout.toMillis());
        connection.setReadTimeout((int) timeout.toMillis());
        connection.setRequestProperty("User-Agent", USER_AGENT);
        connection.setRequestProperty("Accept-Encoding", "identity");
        if (from > 0) {
            connection.setRequestProperty("Range", "bytes=" + from + "-");
        }
        if (isTokenSentTo(address)) {
            connection.setRequestProperty("Authorization", "Bearer " + token);
        }
        return connection;
    }

    private boolean isTokenSentTo(URI address) {
        return token != null
                && address.getScheme().equalsIgnoreCase(endpoint.getScheme())
                && address.getHost().equalsIgnoreCase(endpoint.getHost())
                && port(address) == port(endpoint);
    }

    private static int port(URI address) {
        if (address.getPort() >= 0) {
            return address.getPort();
        }
        return address.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    }

    private static int status(HttpURLConnection connection, URI address, String what)
            throws IOException {
        int status;
        try {
            status = connection.getResponseCode();
        } catch (IOException e) {
            throw new TransientException(
                    what + ": no answer from " + shown(address) + " (" + e + ")", e);
        }
        if (status < 0) {
            throw new TransientException(
                    what + ": the answer from " + shown(address) + " is not HTTP", Duration.ZERO);
        }
        return status;
    }

    private static URI next(URI address, String location, String what) throws IOException {
        URI next;
        try {
            next = address.resolve(new URI(Objects.requireNonNullElse(location, "")));
        } catch (URISyntaxException e) {
            throw new IOException(
                    what + ": " + shown(address) + " redirects to an invalid address", e);
        }
        if (location == null || next.getHost() == null || !isHttp(next)) {
            throw new IOException(
                    what + ": " + shown(address) + " redirects to an address that is not HTTP");
        }
        if ("https".equalsIgnoreCase(address.getScheme())
                && !"https".equalsIgnoreCase(next.getScheme())) {
            throw new IOException(
                    what
                            + ": "
                            + shown(address)
                            + " redirects to an unencrypted address, "
                            + shown(next));
        }
        return next;
    }

    /** Returns whether an address is an HTTP or HTTPS address. */
    static boolean isHttp(URI address) {
        return "http".equalsIgnoreCase(address.getScheme())
                || "https".equalsIgnoreCase(address.getScheme());
    }

    private void check(HubResponse response, long from, String what) throws IOException {
        int status = response.status();
        boolean ranged = from > 0 && (status == 206 || status == 416);
        if (status == 200 || ranged || REDIRECTS.contains(status)) {
            return;
        }
        HttpURLConnection connection = response.connection();
        String said = connection.getHeaderField("X-Error-Message");
        Duration wait = wait(connection.getHeaderField("Retry-After"));
        connection.disconnect();
        String message = what + ": HTTP " + status + " from " + shown(response.address());
        message += ": " + meaning(status, isTokenSentTo(response.address()));
        if (isTokenWithheld && (status == 401 || status == 403)) {
            message += " (HF_TOKEN is set, but not sent without encryption)";
        }
        if (said != null) {
            String shortened = said.substring(0, Math.min(MAX_MESSAGE_LENGTH, said.length()));
            message += " (the server says: " + shortened.replaceAll("\\p{Cntrl}", " ") + ")";
        }
        if (status == 429 || status >= 500) {
            throw new TransientException(message, wait);
        }
        throw new IOException(message);
    }

    private static String meaning(int status, boolean tokenSent) {
        return switch (status) {
            case 401, 403 ->
                    tokenSent
                            ? "the token in HF_TOKEN was sent, but does not grant access; the model"
                                    + " may be gated: request access on its page"
                            : "no token was sent; the model may be private, gated or nonexistent: set"
                                    + " HF_TOKEN to a token that can read it";
            case 404 -> "there is no such model, revision or file";
            case 407 -> "the proxy requires a password";
            case 429 -> "too many requests";
            default -> status >= 500 ? "the server has a problem" : "an unexpected answer";
        };
    }

    /** Parses a Retry-After header: seconds or a date; zero if there is none. */
    private static Duration wait(String retryAfter) {
        if (retryAfter == null) {
            return Duration.ZERO;
        }
        String value = retryAfter.strip();
        if (value.matches("\\d{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(value));
        }
        try {
            Instant date =
                    ZonedDateTime.parse(
                                    value,
                                    DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT))
                            .toInstant();
            Duration wait = Duration.between(Instant.now(), date);
            return wait.isNegative() ? Duration.ZERO : wait;
        } catch (DateTimeException e) {
            return Duration.ZERO; // the default pause applies
        }
    }
}
