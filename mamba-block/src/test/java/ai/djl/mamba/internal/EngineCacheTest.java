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
package ai.djl.mamba.internal;

import ai.djl.engine.EngineException;
import ai.djl.util.Utils;
import java.nio.file.AccessDeniedException;
import org.testng.Assert;
import org.testng.annotations.Test;

/** What is said where engines cannot extract or load their libraries. */
public class EngineCacheTest {

    private static String problem(Throwable cause) {
        return EngineCache.problem(new EngineException("Failed", cause));
    }

    @Test
    public void foldersThatCannotBeWrittenAreNamed() {
        String problem = problem(new AccessDeniedException("/cache/pytorch"));
        Assert.assertEquals(
                problem,
                "its libraries cannot be written to "
                        + Utils.getEngineCacheDir()
                        + " (java.nio.file.AccessDeniedException: /cache/pytorch): the environment"
                        + " variable ENGINE_CACHE_DIR names another folder");
    }

    @Test
    public void foldersThatMayNotBeExecutedAreNamed() {
        String problem =
                problem(new UnsatisfiedLinkError("x.so: failed to map segment from shared object"));
        Assert.assertTrue(
                problem.startsWith(
                        "its libraries cannot be executed from " + Utils.getEngineCacheDir()),
                problem);
        Assert.assertTrue(problem.endsWith("ENGINE_CACHE_DIR names another folder"), problem);
    }

    @Test
    public void otherProblemsAreNotExplained() {
        Assert.assertNull(problem(new UnsatisfiedLinkError("x.so: undefined symbol: y")));
        Assert.assertNull(problem(new IllegalStateException("?")));
    }
}
