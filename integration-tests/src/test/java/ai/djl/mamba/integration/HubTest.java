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
package ai.djl.mamba.integration;

import ai.djl.mamba.integration.HubServer.Reply;
import ai.djl.mamba.zoo.hub.Hub;
import ai.djl.mamba.zoo.hub.HubId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Names, choice of files, redirects, refusals and the cache of the hub. */
public class HubTest extends HubSuite {

    private static final String LISTING = "/api/models/owner/name/revision/main";

    @Test
    public void readsIds() {
        HubId id = HubId.parse("state-spaces/mamba-130m-hf");
        Assert.assertEquals(id, new HubId("state-spaces", "mamba-130m-hf", "main"));
        Assert.assertEquals(id.toString(), "state-spaces/mamba-130m-hf");
        HubId revision = HubId.parse("a/b.c_d@v1.0");
        Assert.assertEquals(revision, new HubId("a", "b.c_d", "v1.0"));
        Assert.assertEquals(HubId.parse(revision.toString()), revision);
        Assert.assertTrue(HubId.isHubId("a/b@c"));
    }

    @DataProvider
    public Object[][] badIds() {
        return new Object[][] {
            {""},
            {"a"},
            {"a/"},
            {"/b"},
            {"a/b/c"},
            {"a/.."},
            {"../b"},
            {"a/b..c"},
            {"a/b@"},
            {"a/b@../c"},
            {"a/b@c@d"},
            {"a b/c"},
            {"a/b\n"},
            {"ä/b"},
            {"a/."},
            {"./b"},
            {"a\\b/c"},
            {"a/b."},
            {"-a/b"},
            {"a/b?c"},
            {"a/" + "b".repeat(97)},
            {"https://a/b"},
            {"a/b%2e"},
        };
    }

    @Test(dataProvider = "badIds")
    public void refusesBadIds(String id) {
        Assert.assertFalse(HubId.isHubId(id));
        Assert.expectThrows(IllegalArgumentException.class, () -> HubId.parse(id));
    }

    @Test
    public void downloadsOnceAndKeeps() throws IOException {
        Assert.assertTrue(hub().cached(ID).isEmpty());
        Assert.assertEquals(hub().download(ID, null), cache.resolve("model/hub/owner/name/main"));
        assertComplete();
        int requests = server.requests.size();
        hub().download(ID, null);
        Assert.assertEquals(server.requests.size(), requests, "the cache needs no network");
        Assert.assertTrue(
                server.requests.get(0).headers().get("user-agent").startsWith("mamba-for-djl/"));
    }

    @Test
    public void ignoresNamesThatAreNotWanted() throws IOException {
        for (String name : new String[] {"../../x", "sub/dir/f", "sub/config.json", "/etc/x"}) {
            server.alsoListed.add(name);
        }
        server.alsoListed.add("model.safetensors.backup");
        server.alsoListed.add(".manifest.json");
        hub().download(ID, null);
        assertComplete();
        Assert.assertEquals(server.requests.size(), 1 + 2 * 3 + 1); // list, HEAD and GET, storage
    }

    @DataProvider
    public Object[][] sharded() {
        return new Object[][] {{"model", ".safetensors"}, {"pytorch_model", ".bin"}};
    }

    @Test(dataProvider = "sharded")
    public void downloadsShards(String name, String end) throws IOException {
        server.files.remove(WEIGHTS);
        server.files.put(name + end + ".index.json", new byte[] {'{', '}'});
        server.files.put(name + "-00001-of-00002" + end, bytes(2, 1000));
        assertFails(hub(), "2 shards", "has 1");
        server.files.put(name + "-00002-of-00002" + end, bytes(3, 2000));
        Path folder = hub().download(ID, null);
        Assert.assertEquals(Files.size(folder.resolve(name + "-00002-of-00002" + end)), 2000);
        Assert.assertTrue(Files.exists(folder.resolve(name + end + ".index.json")));
    }

    @Test
    public void prefersSafetensors() throws IOException {
        server.files.put("pytorch_model.bin", bytes(4, 10));
        hub().download(ID, null);
        Assert.assertFalse(Files.exists(folder().resolve("pytorch_model.bin")));
        Assert.assertEquals(server.count("GET", "pytorch_model.bin"), 0);
    }

    @Test
    public void namesWhatTheRepositoryLacks() throws IOException {
        server.files.remove(WEIGHTS);
        assertFails(hub(), "owner/name", "model.safetensors", "pytorch_model.bin");
        server.files.remove("config.json");
        assertFails(hub(), "no config.json", server.address());
        Assert.assertEquals(names(), "");
    }

    @Test
    public void downloadsTokenizerAlone() throws IOException {
        Path folder = hub().downloadTokenizer(ID, null);
        Assert.assertEquals(folder, cache.resolve("tokenizer/hub/owner/name/main"));
        Assert.assertEquals(Files.readString(folder.resolve("tokenizer.json")), "{}");
        Assert.assertFalse(Files.exists(folder.resolve("config.json")));
        Assert.assertEquals(hub().cachedTokenizer(ID).orElseThrow(), folder);
        Assert.assertTrue(hub().cached(ID).isEmpty());
        HubId other = HubId.parse("owner/name@other");
        Assert.expectThrows(IOException.class, () -> hub().downloadTokenizer(other, null));
    }

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
            {302, "redirects to what is no HTTP address"},
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
        IOException e = assertFails(hub, "the token of HF_TOKEN was sent", "gated");
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
        assertFails(hub(), "HTTP 503", "gave up after 4 tries");
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

    @Test
    public void repairsDamage() throws IOException {
        hub().download(ID, null);
        Files.delete(folder().resolve("config.json"));
        Files.writeString(folder().resolve("pytorch_model.bin"), "of an older revision");
        Assert.assertTrue(hub().cached(ID).isEmpty());
        hub().download(ID, null);
        assertComplete();
        Files.write(folder().resolve(WEIGHTS), bytes(1, SIZE - 1));
        hub().download(ID, null);
        assertComplete();
        for (String manifest : new String[] {"", "{", "[]", "null", "{\"files\":[null]}"}) {
            Files.writeString(folder().resolve(".manifest.json"), manifest);
            Assert.assertTrue(hub().cached(ID).isEmpty(), manifest);
            hub().download(ID, null);
            assertComplete();
        }
        String config = "resolve/" + HubServer.COMMIT + "/config.json";
        Assert.assertEquals(server.count("GET", config), 2, "fetched only when missing");
        Assert.assertEquals(server.count("GET", "/storage/" + WEIGHTS), 2);
    }

    @Test
    public void takesTheNewFilesOfAnUnfinishedFolder() throws IOException {
        hub().download(ID, null);
        Files.delete(folder().resolve(".manifest.json"));
        server.files.put(
                "config.json", "{\"model_type\":\"MAMBA\"}".getBytes(StandardCharsets.UTF_8));
        hub().download(ID, null);
        assertComplete();
    }

    @Test
    public void refusesBadSettings() {
        for (String address :
                new String[] {"", "ftp://x", "x", "http://", "http://a b", "http://u:p@x"}) {
            IllegalArgumentException e =
                    Assert.expectThrows(
                            IllegalArgumentException.class, () -> builder().optEndpoint(address));
            Assert.assertTrue(e.getMessage().contains("HF_ENDPOINT"), e.getMessage());
        }
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class, () -> builder().optToken("se\ncret"));
        Assert.assertFalse(e.getMessage().contains("cret"), e.getMessage());
    }
}
