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
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.style.HeatMapStyler;

/**
 * A matrix of numbers as coloured cells, such as a confusion matrix: white is 0, dark the largest.
 *
 * @param title the title
 * @param xTitle what the columns are
 * @param yTitle what the rows are
 * @param columns the names of the columns
 * @param rows the names of the rows, from the top
 * @param values the cells, of each row from the top
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record MatrixPlot(
        String title,
        String xTitle,
        String yTitle,
        List<String> columns,
        List<String> rows,
        double[][] values) {

    private static final int CELL = 62;
    private static final int MARGIN = 260;

    /** Checks the sizes. */
    public MatrixPlot {
        if (values.length != rows.size()) {
            throw new IllegalArgumentException(
                    "MatrixPlot: " + rows.size() + " names for " + values.length + " rows");
        }
        for (double[] row : values) {
            if (row.length != columns.size()) {
                throw new IllegalArgumentException(
                        "MatrixPlot: " + columns.size() + " names for " + row.length + " cells");
            }
        }
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }

    /**
     * Draws the plot.
     *
     * @return a PNG file
     * @throws IOException if this Java cannot write PNG
     */
    public byte[] png() throws IOException {
        HeatMapChart chart =
                new HeatMapChartBuilder()
                        .width(MARGIN + CELL * columns.size())
                        .height(MARGIN - 80 + CELL * rows.size())
                        .title(title)
                        .xAxisTitle(xTitle)
                        .yAxisTitle(yTitle)
                        .build();
        HeatMapStyler styler = chart.getStyler();
        PlotStyle.apply(styler);
        styler.setRangeColors(new Color[] {Color.WHITE, new Color(0x9ECAE1), new Color(0x3182BD)});
        styler.setShowValue(true);
        styler.setValueFont(PlotStyle.font(Font.PLAIN, 12));
        styler.setValueFontColor(Color.BLACK);
        styler.setHeatMapDecimalValueFormatter(Numbers::significant);
        styler.setPlotContentSize(1);
        styler.setPlotGridLinesVisible(false);
        styler.setPlotGridLinesStroke(new BasicStroke(1));
        styler.setAxisTitleFont(PlotStyle.font(Font.PLAIN, 13));
        styler.setAxisTickLabelsFont(PlotStyle.font(Font.PLAIN, 12));
        styler.setXAxisLabelRotation(columns.size() > 6 ? 45 : 0);
        styler.setMin(0);
        List<String> fromBelow = new ArrayList<>(rows);
        Collections.reverse(fromBelow);
        chart.addSeries("values", columns, fromBelow, cells());
        return PlotStyle.png(chart);
    }

    /** Triples of column, row from below, and value, as the library expects them. */
    private List<Number[]> cells() {
        List<Number[]> cells = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            for (int column = 0; column < columns.size(); column++) {
                int fromBelow = rows.size() - 1 - row;
                cells.add(new Number[] {column, fromBelow, values[row][column]});
            }
        }
        return cells;
    }
}
