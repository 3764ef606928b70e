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

import java.awt.BasicStroke;
import java.awt.Font;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;

/**
 * A plot of lines with markers. An axis may count in doublings: what is proportional to x is then a
 * straight line that rises by one for each step to the right.
 */
public final class LinePlot {

    private static final int WIDTH = 760; // points of two pixels each
    private static final int HEIGHT = 460;
    private static final double LOG_2 = Math.log(2);
    private static final int MAX_TICKS = 10;
    private static final int MIN_DOUBLINGS = 3;

    private final Builder options;

    private LinePlot(Builder options) {
        this.options = options;
    }

    /**
     * Creates a builder.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Draws the plot.
     *
     * @return a PNG file
     * @throws IOException if this Java cannot write PNG
     */
    public byte[] png() throws IOException {
        XYChart chart =
                new XYChartBuilder()
                        .width(WIDTH)
                        .height(HEIGHT)
                        .title(options.title)
                        .xAxisTitle(options.xTitle)
                        .yAxisTitle(options.yTitle)
                        .build();
        style(chart.getStyler());
        List<Double> xs = new ArrayList<>();
        List<Double> ys = new ArrayList<>();
        for (int i = 0; i < options.series.size(); i++) {
            Series series = options.series.get(i).drawable(options.doublingY);
            double[] x = scaled(series.x(), options.doublingX);
            double[] y = scaled(series.y(), options.doublingY);
            if (x.length > 0) {
                look(chart.addSeries(series.name(), x, y), i);
                DoubleStream.of(x).forEach(xs::add);
                DoubleStream.of(y).forEach(ys::add);
            }
        }
        XYStyler styler = chart.getStyler();
        if (options.doublingX && !xs.isEmpty()) {
            double[] range = range(xs, 1);
            styler.setXAxisMin(range[0]).setXAxisMax(range[1]);
            styler.setXAxisTickMarkSpacingHint(hint(WIDTH, range));
            styler.setxAxisTickLabelsFormattingFunction(LinePlot::doubling);
        }
        if (options.doublingY && !ys.isEmpty()) {
            double[] range = range(ys, MIN_DOUBLINGS);
            styler.setYAxisMin(range[0]).setYAxisMax(range[1]);
            styler.setYAxisTickMarkSpacingHint(hint(HEIGHT, range));
            styler.setyAxisTickLabelsFormattingFunction(LinePlot::doubling);
        } else {
            styler.setYAxisMin(options.yMin).setYAxisMax(options.yMax);
        }
        return PlotStyle.png(chart);
    }

    private static void style(XYStyler styler) {
        PlotStyle.apply(styler);
        styler.setLegendPosition(LegendPosition.OutsideS);
        styler.setLegendLayout(LegendLayout.Horizontal);
        styler.setLegendSeriesLineLength(34);
        styler.setPlotGridLinesColor(PlotStyle.GRID);
        styler.setPlotGridLinesStroke(new BasicStroke(1));
        styler.setAxisTitleFont(PlotStyle.font(Font.PLAIN, 13));
        styler.setAxisTickLabelsFont(PlotStyle.font(Font.PLAIN, 11));
        styler.setAxisTickLabelsColor(PlotStyle.TEXT);
        styler.setAxisTickMarksColor(PlotStyle.FRAME);
        styler.setMarkerSize(8);
    }

    private static void look(XYSeries series, int index) {
        series.setLineColor(PlotStyle.colour(index));
        series.setLineStyle(PlotStyle.stroke(index));
        series.setMarker(PlotStyle.marker(index));
        series.setMarkerColor(PlotStyle.colour(index));
    }

    private static double[] scaled(double[] values, boolean doubling) {
        DoubleUnaryOperator scale = doubling ? v -> Math.log(v) / LOG_2 : v -> v;
        return DoubleStream.of(values).map(scale).toArray();
    }

    /** Whole doublings around all values, and not fewer than wanted. */
    private static double[] range(List<Double> values, int fewest) {
        double min = values.stream().mapToDouble(v -> v).min().orElseThrow();
        double max = values.stream().mapToDouble(v -> v).max().orElseThrow();
        double low = Math.floor(min + 1e-9);
        double high = Math.ceil(max - 1e-9);
        while (high - low < fewest) {
            high++;
            low -= high - low < fewest ? 1 : 0;
        }
        return new double[] {low, high};
    }

    /** The distance of ticks in pixels that makes the library choose whole doublings. */
    private static int hint(int pixels, double[] range) {
        double doublings = Math.max(1, range[1] - range[0]);
        double step = Math.ceil(doublings / MAX_TICKS);
        return (int) Math.max(20, 0.7 * pixels * step / doublings);
    }

    /** The label of a position on an axis of doublings. */
    private static String doubling(double exponent) {
        if (Math.abs(exponent - Math.rint(exponent)) > 1e-6) {
            return " ";
        }
        return Numbers.significant(Math.pow(2, Math.rint(exponent)));
    }

    /** The builder of a {@link LinePlot}. */
    public static final class Builder {

        private String title;
        private String xTitle;
        private String yTitle;
        private final List<Series> series = new ArrayList<>();
        private boolean doublingX;
        private boolean doublingY;
        private Double yMin;
        private Double yMax;

        Builder() {}

        /**
         * Sets the <b>required</b> title.
         *
         * @param title the title
         * @return this builder
         */
        public Builder setTitle(String title) {
            this.title = title;
            return this;
        }

        /**
         * Sets the <b>required</b> titles of the axes.
         *
         * @param x what x is, with its unit
         * @param y what y is, with its unit
         * @return this builder
         */
        public Builder setAxes(String x, String y) {
            xTitle = x;
            yTitle = y;
            return this;
        }

        /**
         * Adds a line; the first one has the first colour, even if it has no points.
         *
         * @param line the line
         * @return this builder
         */
        public Builder addSeries(Series line) {
            series.add(line);
            return this;
        }

        /**
         * Sets which axes count in doublings (default: none).
         *
         * @param x whether x does; its values must be positive
         * @param y whether y does; values that are not positive are left out
         * @return this builder
         */
        public Builder optDoubling(boolean x, boolean y) {
            doublingX = x;
            doublingY = y;
            return this;
        }

        /**
         * Sets the range of an axis y that does not count in doublings (default: that of the
         * values).
         *
         * @param min the smallest value
         * @param max the largest value
         * @return this builder
         */
        public Builder optYRange(double min, double max) {
            yMin = min;
            yMax = max;
            return this;
        }

        /**
         * Builds the plot.
         *
         * @return the plot
         * @throws IllegalArgumentException if the title or the axes are missing
         */
        public LinePlot build() {
            if (title == null || xTitle == null || yTitle == null) {
                throw new IllegalArgumentException("LinePlot: title and axes are required");
            }
            return new LinePlot(this);
        }
    }
}
