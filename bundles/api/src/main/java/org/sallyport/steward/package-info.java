/**
 * What carries out the {@linkplain org.sallyport.spi.LastWill last wills} of engines that were forgotten together with
 * their class loader.
 *
 * <p>These classes are defined once more, by a loader of their own, from the class files beside this one, and serve all
 * copies of Sallyport in the process. So <b>they name no other class of ours</b>, have no lambdas and load nothing later
 * on, and what crosses their border is of the JDK's types.
 */
@NullMarked
package org.sallyport.steward;

import org.jspecify.annotations.NullMarked;
