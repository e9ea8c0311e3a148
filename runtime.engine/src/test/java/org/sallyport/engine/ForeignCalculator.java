package org.sallyport.engine;

/** Loaded a second time by {@link BindTest}, by another loader. */
interface ForeignCalculator {
    int add(int a, int b);
}
