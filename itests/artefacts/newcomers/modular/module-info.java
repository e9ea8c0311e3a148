module com.acme.hello {
    requires org.sallyport;

    opens com.acme.hello to org.sallyport.api; // which implements Calculator
}
