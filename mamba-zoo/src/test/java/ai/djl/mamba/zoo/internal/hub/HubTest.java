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

import ai.djl.mamba.zoo.testing.HubServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.Assert;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Names of models, the choice of files, and the cache. */
public class HubTest extends HubSuite {

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
        for (String manifest :
                new String[] {
                    "",
                    "{",
                    "[]",
                    "null",
                    "{\"files\":[null]}",
                    "{\"id\":\"owner/name\",\"files\":[{}]}"
                }) {
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

    /** A message has the address, and no secret of it. */
    private void assertShown(String address, String words) {
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class, () -> builder().optEndpoint(address));
        Assert.assertTrue(e.getMessage().endsWith(words), e.getMessage());
        Assert.assertFalse(e.getMessage().contains("pass"), e.getMessage());
        Assert.assertNull(e.getCause(), "it would have the secret");
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
        assertShown("ftp://x/y", "got ftp://x/y");
        assertShown("http://a b", "got http://a b");
        assertShown("https://user:pa@ss/w@host/path", "got https://…@host/path");
        assertShown("user:pass/w@host\u001b", "got …@host\\u001b");
        assertShown("https://user:pass w@host", "got https://…@host");
        assertShown("https://host/?token=pass", "got https://host/?…");
        IllegalArgumentException e =
                Assert.expectThrows(
                        IllegalArgumentException.class, () -> builder().optToken("se\ncret"));
        Assert.assertFalse(e.getMessage().contains("cret"), e.getMessage());
    }
}
