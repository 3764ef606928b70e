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
package ai.djl.mamba.examples.cli.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;

/** Numbers for people. */
public final class Numbers {

    private static final MathContext DIGITS = new MathContext(3);
    private static final double LARGE = 1e6;

    private Numbers() {}

    /**
     * Writes a number with three significant digits, or with all digits before its decimal point.
     *
     * @param value the number
     * @return such as 0.00123, 1.5, 65,536, or 2.1e+9
     */
    public static String significant(double value) {
        if (!Double.isFinite(value)) {
            return "–";
        }
        double size = Math.abs(value);
        if (size >= LARGE * 100 || (size < 1e-4 && size > 0)) {
            return String.format(Locale.ROOT, "%.1e", value);
        }
        DecimalFormat format =
                new DecimalFormat("#,##0.######", DecimalFormatSymbols.getInstance(Locale.ROOT));
        return format.format(
                size >= 1000
                        ? Math.rint(value)
                        : new BigDecimal(value).round(DIGITS).doubleValue());
    }

    /**
     * Writes a size in bytes.
     *
     * @param bytes the size
     * @return such as 640 KiB, 12.5 MiB or 34 GiB
     */
    public static String bytes(double bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        double rest = bytes;
        int unit = 0;
        while (Math.abs(rest) >= 1024 && unit < units.length - 1) {
            rest /= 1024;
            unit++;
        }
        return significant(rest) + " " + units[unit];
    }
}
