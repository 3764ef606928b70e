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
package ai.djl.mamba.zoo.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/**
 * A hub on the loopback address with one model, {@code owner/name}, that can misbehave. Large files
 * are redirected to {@code /storage}, as a real hub does. It is no HTTP library, so that
 * connections can be cut anywhere.
 */
public final class HubServer implements AutoCloseable {

    public static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    /** A request; the names of the headers are in lower case. */
    public record Request(String method, String path, Map<String, String> headers) {
        boolean is(String method, String end) {
            return this.method.equals(method) && path.endsWith(end);
        }
    }

    /** An answer; {@code sent} bytes of the body are sent. */
    public record Reply(int status, Map<String, String> headers, ByteBuffer body, int sent) {
        public static Reply of(int status, Map<String, String> headers, byte[] body) {
            return new Reply(status, headers, ByteBuffer.wrap(body), body.length);
        }

        public static Reply of(int status, Map<String, String> headers, String body) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            return of(status, headers, bytes);
        }
    }

    public final Map<String, byte[]> files = new ConcurrentHashMap<>();
    public final Set<String> alsoListed = new TreeSet<>();
    public final Map<String, Long> statedSizes = new ConcurrentHashMap<>();
    public final Map<String, String> statedHashes = new ConcurrentHashMap<>();
    public final List<Request> requests = new CopyOnWriteArrayList<>();
    public final Deque<Integer> cuts = new ConcurrentLinkedDeque<>();
    public final Map<String, Deque<Reply>> replies = new ConcurrentHashMap<>();
    public volatile boolean ranges = true;
    public volatile String storage;
    public volatile long stallMillis;

    /** The models that have these files, owner/name or owner/name@revision. */
    public final Set<String> models = new HashSet<>(Set.of("owner/name"));

    /** Runs after a body was sent, which can change what the server does next. */
    public volatile Runnable afterBody = () -> {};

    private final ServerSocket socket;

    public HubServer() throws IOException {
        socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        storage = address();
        Thread thread = new Thread(this::accept, "hub server");
        thread.setDaemon(true);
        thread.start();
    }

    public String address() {
        return "http://" + socket.getInetAddress().getHostAddress() + ':' + socket.getLocalPort();
    }

    /** Answers once with this, before all else, where method and path are those of the key. */
    public void once(String method, String pathEnd, Reply reply) {
        replies.computeIfAbsent(method + ' ' + pathEnd, key -> new ConcurrentLinkedDeque<>())
                .add(reply);
    }

    public long count(String method, String pathEnd) {
        return requests.stream().filter(r -> r.is(method, pathEnd)).count();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                Thread thread = new Thread(() -> serve(connection), "hub connection");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket connection) {
        try (connection;
                InputStream in = new BufferedInputStream(connection.getInputStream());
                OutputStream out = connection.getOutputStream()) {
            Request request = read(in);
            requests.add(request);
            Reply reply = answer(request);
            StringBuilder head = new StringBuilder("HTTP/1.1 " + reply.status + " x\r\n");
            reply.headers.forEach((k, v) -> head.append(k).append(": ").append(v).append("\r\n"));
            if (!reply.headers.containsKey("Content-Length")) {
                head.append("Content-Length: ").append(reply.body.limit()).append("\r\n");
            }
            head.append("Connection: close\r\n\r\n");
            out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
            if (request.method.equals("GET")) {
                byte[] sent = new byte[reply.sent];
                reply.body.get(0, sent);
                out.write(sent);
                out.flush();
                Thread.sleep(reply.sent < reply.body.limit() ? stallMillis : 0);
                afterBody.run();
            }
        } catch (IOException | InterruptedException e) {
            // the client went away
        }
    }

    private static Request read(InputStream in) throws IOException {
        String[] first = line(in).split(" ", -1);
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return new Request(first[0], first[1], headers);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("the request is cut off");
            }
            line.append((char) c);
        }
        return line.toString().strip();
    }

    private Reply answer(Request request) {
        for (var entry : replies.entrySet()) {
            String[] key = entry.getKey().split(" ", -1);
            if (request.is(key[0], key[1])) {
                Reply reply = entry.getValue().poll();
                if (reply != null) {
                    return reply;
                }
            }
        }
        String path = request.path;
        if (models.stream().anyMatch(id -> path.equals("/api/models/" + listed(id)))) {
            return Reply.of(200, Map.of("Content-Type", "application/json"), listing());
        }
        String name = path.substring(path.lastIndexOf('/') + 1);
        byte[] content = files.get(name);
        if (content == null) {
            return Reply.of(404, Map.of(), "Entry not found");
        }
        if (path.equals("/storage/" + name)) {
            return content(request, content);
        }
        String resolved = "/resolve/" + COMMIT + '/' + name;
        if (models.stream()
                .noneMatch(id -> path.equals('/' + id.replaceFirst("@.*", "") + resolved))) {
            return Reply.of(404, Map.of(), "Not found");
        }
        String hash =
                statedHashes.getOrDefault(name, isLarge(name) ? sha256(content) : git(content));
        String size = "" + statedSizes.getOrDefault(name, (long) content.length);
        if (isLarge(name)) {
            Map<String, String> headers = new TreeMap<>();
            headers.put("X-Linked-Size", size);
            headers.put("X-Linked-Etag", '"' + hash + '"');
            headers.put("Location", storage + "/storage/" + name);
            return Reply.of(302, headers, "Found");
        }
        if (request.method.equals("GET")) {
            return content(request, content);
        }
        return Reply.of(200, Map.of("ETag", '"' + hash + '"', "Content-Length", size), "");
    }

    private static String listed(String model) {
        String[] parts = model.split("@", 2);
        return parts[0] + "/revision/" + (parts.length > 1 ? parts[1] : "main");
    }

    private Reply content(Request request, byte[] content) {
        String range = request.headers.get("range");
        int from = 0;
        if (ranges && range != null) {
            from = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
        }
        if (from > 0 && from >= content.length) {
            return Reply.of(416, Map.of("Content-Range", "bytes */" + content.length), "");
        }
        byte[] body = java.util.Arrays.copyOfRange(content, from, content.length);
        Integer cut = cuts.poll();
        int sent = cut == null ? body.length : Math.min(cut, body.length);
        String stated = "bytes " + from + '-' + (content.length - 1) + '/' + content.length;
        Map<String, String> headers = from > 0 ? Map.of("Content-Range", stated) : Map.of();
        return new Reply(from > 0 ? 206 : 200, headers, ByteBuffer.wrap(body), sent);
    }

    private String listing() {
        List<String> names = new ArrayList<>(files.keySet());
        names.addAll(alsoListed);
        return names.stream()
                .map(name -> "{\"rfilename\":\"" + name + "\"}")
                .collect(
                        Collectors.joining(
                                ",", "{\"sha\":\"" + COMMIT + "\",\"siblings\":[", "]}"));
    }

    private static boolean isLarge(String name) {
        return name.endsWith(".safetensors") || name.endsWith(".bin");
    }

    public static String sha256(byte[] content) {
        return digest("SHA-256", new byte[0], content);
    }

    public static String git(byte[] content) {
        String head = "blob " + content.length + "\0";
        return digest("SHA-1", head.getBytes(StandardCharsets.US_ASCII), content);
    }

    private static String digest(String algorithm, byte[] head, byte[] content) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            digest.update(head);
            return HexFormat.of().formatHex(digest.digest(content));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
