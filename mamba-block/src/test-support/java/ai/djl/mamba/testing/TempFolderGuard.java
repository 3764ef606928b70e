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
package ai.djl.mamba.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.testng.IInvokedMethod;
import org.testng.IInvokedMethodListener;
import org.testng.ISuite;
import org.testng.ISuiteListener;
import org.testng.ISuiteResult;
import org.testng.ITestResult;

/**
 * Fails a run that leaves something in the temporary folder. The build gives each module one of its
 * own; where the folder is that of the machine, nothing is checked.
 */
public final class TempFolderGuard implements ISuiteListener, IInvokedMethodListener {

    private static final Path FOLDER = Path.of(System.getProperty("java.io.tmpdir"));
    private static final boolean IS_OURS = FOLDER.endsWith(Path.of("target", "tmp"));

    private final Set<Path> seen = new HashSet<>();
    private final Map<Path, String> makers = new TreeMap<>();

    @Override
    public void onStart(ISuite suite) {
        seen.addAll(files());
    }

    @Override
    public void afterInvocation(IInvokedMethod method, ITestResult result) {
        if (method.isTestMethod()) {
            TempFiles.deleteAll();
        }
        for (Path file : files()) {
            if (seen.add(file)) {
                makers.put(file, method.getTestMethod().getQualifiedName());
            }
        }
    }

    @Override
    public void onFinish(ISuite suite) {
        makers.keySet().retainAll(files());
        if (makers.isEmpty()) {
            return;
        }
        StringBuilder message = new StringBuilder("Tests left files in the temporary folder:");
        makers.forEach((file, maker) -> message.append("\n  " + file + ", made in " + maker));
        if (hasFailures(suite)) {
            // they may be why, and an exception here would hide them in the report
            System.err.println(message);
        } else {
            throw new AssertionError(message);
        }
    }

    private static boolean hasFailures(ISuite suite) {
        return suite.getResults().values().stream()
                .map(ISuiteResult::getTestContext)
                .anyMatch(
                        tests ->
                                tests.getFailedTests().size() > 0
                                        || tests.getFailedConfigurations().size() > 0);
    }

    private static List<Path> files() {
        if (!IS_OURS) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
