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

import ai.djl.mamba.layer.Mixer;
import java.util.Arrays;
import java.util.List;
import org.testng.ITestListener;
import org.testng.ITestResult;

/** Puts what a factory made a suite with, such as its engine, into the names in the reports. */
public final class TestNames implements ITestListener {

    @Override
    public void onTestStart(ITestResult result) {
        name(result);
    }

    @Override
    public void onTestSkipped(ITestResult result) {
        name(result);
    }

    private static void name(ITestResult result) {
        Object[] suite = result.getFactoryParameters();
        if (suite != null && suite.length > 0) {
            Object[] words = Arrays.stream(suite).map(TestNames::word).toArray();
            result.setTestName(result.getMethod().getMethodName() + Arrays.toString(words));
        }
    }

    /** All options of a mixer would fill lines. */
    private static Object word(Object argument) {
        if (argument instanceof List<?> arguments) {
            return arguments.stream().map(TestNames::word).toList();
        }
        return argument instanceof Mixer mixer ? mixer.kind() : argument;
    }
}
