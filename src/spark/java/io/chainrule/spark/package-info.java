/** Rows of data sets, worked on by Apache Spark: the driver that a job starts, and what runs on its executors. */
@NullMarked
package io.chainrule.spark;

import org.jspecify.annotations.NullMarked;
