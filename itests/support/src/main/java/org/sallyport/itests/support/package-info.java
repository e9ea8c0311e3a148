/** What tests of several bundles share: a writer of binaries, and what changes them at random. Needs nothing but the API. */
package org.sallyport.itests.support;
