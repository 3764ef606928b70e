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

import ai.djl.ndarray.NDManager;
import java.io.DataInputStream;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * A manager whose {@link NDManager#decode(InputStream)} checks what it decodes: the only way to
 * check what DJL's parameters read of themselves. All else is done by another manager.
 */
final class CheckedDecoder {

    private CheckedDecoder() {}

    /**
     * Wraps a manager.
     *
     * @param manager owns the arrays
     * @param check decides by their headers which arrays are read
     * @return the manager that decodes
     */
    static NDManager of(NDManager manager, EncodedArray.Check check) {
        return (NDManager)
                Proxy.newProxyInstance(
                        NDManager.class.getClassLoader(),
                        new Class<?>[] {NDManager.class},
                        (proxy, method, args) -> {
                            if (method.getName().equals("decode")
                                    && args[0] instanceof InputStream in) {
                                return EncodedArray.read(manager, new DataInputStream(in), check);
                            }
                            try {
                                return method.invoke(manager, args);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
