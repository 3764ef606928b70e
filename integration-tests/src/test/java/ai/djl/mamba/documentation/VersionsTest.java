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
package ai.djl.mamba.documentation;

import ai.djl.mamba.testing.ProjectFiles;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.testng.Assert;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** The dependencies that the documents name are those with which this project is built. */
public class VersionsTest {

    private Element pom;
    private Map<String, String> versions;

    @BeforeClass
    public void readVersions() throws IOException, SAXException {
        pom = parse(Files.readString(ProjectFiles.root().resolve("pom.xml")));
        String djl = property("djl.version");
        String pytorch = property("pytorch.version");
        versions =
                Map.of(
                        "ai.djl:bom",
                        djl,
                        "ai.djl.mamba:mamba-bom",
                        child(pom, "version"),
                        "ai.djl.pytorch:pytorch-jni",
                        pytorch + "-" + djl,
                        "ai.djl.pytorch:pytorch-native-cpu",
                        pytorch);
    }

    private String property(String name) {
        return child((Element) pom.getElementsByTagName("properties").item(0), name);
    }

    private static Element parse(String xml) throws IOException, SAXException {
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(xml)))
                    .getDocumentElement();
        } catch (ParserConfigurationException e) {
            throw new AssertionError(e);
        }
    }

    /** The text of a child, or null. */
    private static String child(Element parent, String name) {
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node.getNodeName().equals(name)) {
                return node.getTextContent().strip();
            }
        }
        return null;
    }

    private static List<Element> dependencies(CodeBlock block) throws IOException, SAXException {
        return dependencies(parse("<root>" + String.join("\n", block.lines()) + "</root>"));
    }

    private static List<Element> dependencies(Element root) {
        NodeList nodes = root.getElementsByTagName("dependency");
        List<Element> dependencies = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            dependencies.add((Element) nodes.item(i));
        }
        return dependencies;
    }

    @Test
    public void dependenciesHaveTheVersionsOfTheBuild() throws IOException, SAXException {
        List<String> named = new ArrayList<>();
        for (CodeBlock block : Document.blocks("xml")) {
            for (Element dependency : dependencies(block)) {
                String version = child(dependency, "version");
                named.add(id(dependency));
                if (version != null) {
                    Assert.assertEquals(version, versions.get(id(dependency)), block.place());
                }
            }
        }
        Assert.assertTrue(named.containsAll(versions.keySet()), named.toString());
    }

    /** Our BOM manages them, or DJL's does, as it does for the examples. */
    @Test
    public void otherDependenciesAreManaged() throws IOException, SAXException {
        List<String> managed = new ArrayList<>(ids("extensions/bom/pom.xml"));
        managed.addAll(ids("examples/pom.xml"));
        for (CodeBlock block : Document.blocks("xml")) {
            for (Element dependency : dependencies(block)) {
                if (child(dependency, "version") == null) {
                    Assert.assertTrue(managed.contains(id(dependency)), id(dependency));
                }
            }
        }
    }

    private static List<String> ids(String pom) throws IOException, SAXException {
        Element root = parse(Files.readString(ProjectFiles.root().resolve(pom)));
        return dependencies(root).stream().map(VersionsTest::id).toList();
    }

    private static String id(Element dependency) {
        return child(dependency, "groupId") + ':' + child(dependency, "artifactId");
    }

    @Test
    public void theVersionOfTheBuildIsAmongThoseTried() throws IOException {
        String row =
                String.format(
                        "| %s, what the build uses | libtorch %s, `pytorch-jni` %s | %s |",
                        versions.get("ai.djl:bom"),
                        property("pytorch.version"),
                        versions.get("ai.djl.pytorch:pytorch-jni"),
                        property("mxnet.version"));
        var page = ProjectFiles.root().resolve("docs/native.md");
        Assert.assertTrue(Files.readAllLines(page).contains(row), row);
    }

    @DataProvider
    public Object[][] modules() {
        return new Object[][] {{"mamba-block"}, {"mamba-zoo"}, {"examples"}, {"integration-tests"}};
    }

    /** A build with {@code -Dno-mxnet} has no file of MXNet, as docs/native.md promises. */
    @Test(dataProvider = "modules")
    public void mxnetComesWithProfilesThatCanBeLeftOut(String module)
            throws IOException, SAXException {
        Element root =
                parse(Files.readString(ProjectFiles.root().resolve(module).resolve("pom.xml")));
        int found = 0;
        for (Element dependency : dependencies(root)) {
            if ("ai.djl.mxnet".equals(child(dependency, "groupId"))) {
                Element profile = (Element) dependency.getParentNode().getParentNode();
                Assert.assertEquals(profile.getTagName(), "profile", id(dependency));
                NodeList properties = profile.getElementsByTagName("property");
                Assert.assertEquals(properties.getLength(), 1, id(dependency));
                String property = child((Element) properties.item(0), "name");
                Assert.assertEquals(property, "!no-mxnet", id(dependency));
                found++;
            }
        }
        Assert.assertEquals(found, 2, "the engine and its natives");
    }
}
