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

import ai.djl.mamba.ops.Ops;
import ai.djl.mamba.ops.pytorch.PyTorchOpsProvider;
import java.util.function.Supplier;
import org.testng.SkipException;

/** Where the tests of the native operators make sense. */
public final class NativeOperators {

    private NativeOperators() {}

    /** Skips a test where no library is built for: anything but Linux on x86-64. */
    public static void skipWhereNoneWereBuilt() {
        String platform = System.getProperty("os.name") + ' ' + System.getProperty("os.arch");
        boolean named = System.getProperty(PyTorchOpsProvider.LIBRARY) != null;
        if (!named && !platform.equals("Linux amd64")) {
            throw new SkipException("no native operators for " + platform);
        }
    }

    /** Runs something with the operators that the engine itself has. */
    public static <T> T composed(Supplier<T> body) {
        System.setProperty(Ops.NATIVE_PROPERTY, "off");
        try {
            return body.get();
        } finally {
            System.setProperty(Ops.NATIVE_PROPERTY, "auto");
        }
    }
}
