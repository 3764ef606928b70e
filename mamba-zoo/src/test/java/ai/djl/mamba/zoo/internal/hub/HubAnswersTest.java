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

import ai.djl.mamba.testing.Logs;
import ai.djl.mamba.zoo.testing.HubServer;
import ai.djl.mamba.zoo.testing.HubServer.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.testng.Assert;
import org.testng.SkipException;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Redirects, refusals and nonsense that a server answers with. */
public class HubAnswersTest extends HubSuite {

    private static final String LISTING = "/api/models/owner/name/revision/main";

    @Test
    public void tokenStaysWithTheEndpoint() throws IOException {
        try (HubServer storage = new HubServer()) {
            storage.files.putAll(server.files);
            server.storage = storage.address();
            builder().optToken(" hf_secret\n").build().download(ID, null);
            assertComplete();
            Assert.assertEquals(storage.requests.size(), 1);
            Assert.assertNull(storage.requests.get(0).headers().get("authorization"));
        }
        for (HubServer.Request request : server.requests) {
            Assert.assertEquals(request.headers().get("authorization"), "Bearer hf_secret");
        }
    }

    @Test
    public void followsRelativeRedirectsAndOnlySoMany() throws IOException {
        Reply elsewhere = Reply.of(307, Map.of("Location", "/storage/config.json"), "");
        server.once("GET", "resolve/" + HubServer.COMMIT + "/config.json", elsewhere);
        hub().download(ID, null);
        assertComplete();
        Assert.assertEquals(server.count("GET", "/storage/config.json"), 1);
        HubId other = HubId.parse("owner/round");
        for (int i = 0; i < 11; i++) {
            String end = i == 0 ? "round/revision/main" : "main?secret";
            server.once("GET", end, Reply.of(302, Map.of("Location", "main?secret"), ""));
        }
        IOException e = Assert.expectThrows(IOException.class, () -> hub().download(other, null));
        Assert.assertTrue(e.getMessage().contains("10 redirects"), e.getMessage());
        Assert.assertFalse(e.getMessage().contains("secret"), e.getMessage());
    }

    @DataProvider
    public Object[][] refusals() {
        return new Object[][] {
            {401, "HF_TOKEN"},
            {403, "gated"},
            {404, "no such model"},
            {400, "HTTP 400"},
            {302, "redirects to an address that is not HTTP"},
        };
    }

    @Test(dataProvider = "refusals")
    public void explainsRefusals(int status, String words) throws IOException {
        server.once("GET", LISTING, Reply.of(status, Map.of("Location", "ftp://x/y"), ""));
        assertFails(hub(), words, "owner/name", server.address() + LISTING);
        Assert.assertEquals(server.requests.size(), 1, "refusals are final");
        Assert.assertEquals(names(), "");
    }

    @Test
    public void saysWhetherATokenWasSent() throws IOException {
        server.once("GET", LISTING, Reply.of(401, Map.of("X-Error-Message", "who?"), ""));
        assertFails(hub(), "no token was sent", "who?");
        server.once("GET", LISTING, Reply.of(403, Map.of(), ""));
        Hub hub = builder().optToken("hf_secret").build();
        IOException e = assertFails(hub, "the token in HF_TOKEN was sent", "gated");
        Assert.assertFalse(e.getMessage().contains("hf_secret"), e.getMessage());
    }

    @Test
    public void namesAFileThatIsGone() throws IOException {
        server.alsoListed.add("generation_config.json");
        assertFails(hub(), "404", "generation_config.json");
        Assert.assertEquals(names(), "");
    }

    @DataProvider
    public Object[][] overload() {
        String soon =
                DateTimeFormatter.RFC_1123_DATE_TIME.format(
                        ZonedDateTime.now(ZoneOffset.UTC).plusHours(1));
        return new Object[][] {{429, "3600"}, {503, soon}, {500, "nonsense"}, {502, "-1"}};
    }

    @Test(dataProvider = "overload")
    public void waitsForABusyServer(int status, String retryAfter) throws IOException {
        Reply busy = Reply.of(status, Map.of("Retry-After", retryAfter), "");
        for (String path : new String[] {LISTING, "resolve/" + HubServer.COMMIT + "/config.json"}) {
            server.once("GET", path, busy);
            server.once("GET", path, busy);
        }
        server.once("HEAD", "config.json", busy);
        hub().download(ID, null);
        assertComplete();
        Assert.assertEquals(server.count("GET", LISTING), 3);
    }

    @Test
    public void givesUpOnABusyServer() throws IOException {
        for (int i = 0; i < 9; i++) {
            server.once("GET", LISTING, Reply.of(503, Map.of(), ""));
        }
        assertFails(hub(), "HTTP 503", "gave up after 4 attempts");
        Assert.assertEquals(server.requests.size(), 4);
    }

    @DataProvider
    public Object[][] nonsense() {
        return new Object[][] {
            {"<!DOCTYPE html><html></html>"},
            {"{\"sha\":\"0123"},
            {"[]"},
            {"{}"},
            {""},
            {"{\"sha\":\"../x\",\"siblings\":[]}"},
            {"{\"sha\":\"" + HubServer.COMMIT + "\",\"siblings\":[{\"x\":1}]}"},
            {"[".repeat(100_000)},
        };
    }

    @Test(dataProvider = "nonsense")
    public void explainsAnswersThatAreNone(String body) throws IOException {
        server.once("GET", LISTING, Reply.of(200, Map.of("Content-Type", "text/html"), body));
        assertFails(hub(), "JSON", "HF_ENDPOINT", "text/html");
        Assert.assertEquals(names(), "");
    }

    /** The address of no machine leads to this one, over what could be a network. */
    @Test
    public void theTokenIsNotSentUnencryptedUnlessAsked() throws Exception {
        String address = server.address().replaceAll("//[^:]+:", "//0.0.0.0:");
        if (System.getProperty("os.name").startsWith("Windows")) {
            throw new SkipException("Windows does not connect to 0.0.0.0");
        }
        Hub.Builder builder = builder().optEndpoint(address).optToken("hf_secret");
        server.once("GET", LISTING, Reply.of(401, Map.of(), ""));
        String said =
                Logs.of(() -> assertFails(builder.build(), "no token was sent", "HF_TOKEN is set"));
        Assert.assertTrue(said.contains("HF_TOKEN is not sent to " + address), said);
        Assert.assertFalse(said.contains("hf_secret"), said);
        Assert.assertTrue(server.requests.stream().noneMatch(HubAnswersTest::hasToken));
        server.requests.clear();
        server.storage = address;
        builder.optTokenOverHttp(true).build().download(ID, null);
        Assert.assertTrue(server.requests.stream().anyMatch(HubAnswersTest::hasToken));
        server.requests.clear();
    }

    private static boolean hasToken(HubServer.Request request) {
        return request.headers().keySet().stream().anyMatch("authorization"::equalsIgnoreCase);
    }

    /** Another hub may have another model by the same name. */
    @Test
    public void theModelOfAnotherEndpointIsNotTaken() throws IOException {
        hub().download(ID, null);
        try (HubServer other = new HubServer()) {
            other.files.putAll(server.files);
            other.files.put(WEIGHTS, bytes(2, SIZE));
            Hub.Builder builder = builder().optEndpoint(other.address());
            Assert.assertTrue(builder.build().cached(ID).isEmpty());
            Hub offline = builder.optOffline(true).build();
            IOException e =
                    Assert.expectThrows(IOException.class, () -> offline.download(ID, null));
            String words = "the files of " + other.address() + ", as those there are of ";
            Assert.assertTrue(e.getMessage().contains(words + server.address()), e.getMessage());
            builder.optOffline(false).build().download(ID, null);
            Assert.assertEquals(Files.readAllBytes(folder().resolve(WEIGHTS)), bytes(2, SIZE));
            Assert.assertTrue(hub().cached(ID).isEmpty());
            // what has the same hash is not fetched again
            Assert.assertEquals(other.count("GET", "config.json"), 0);
        }
    }

    @Test
    public void aDownloadWithoutAHashSaysSo() throws Exception {
        Assert.assertFalse(Logs.of(() -> hub().download(ID, null)).contains("no hash"));
        server.files.put(WEIGHTS, bytes(3, SIZE));
        server.statedHashes.put(WEIGHTS, "unknown");
        Files.delete(folder().resolve(".manifest.json"));
        String said = Logs.of(() -> hub().download(ID, null));
        Assert.assertTrue(said.contains("states no hash of [" + WEIGHTS + "]"), said);
    }
}
