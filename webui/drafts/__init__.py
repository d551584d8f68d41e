"""Drafts of diagrams: any BPMN file is opened, judged beside its picture, deployed when nothing refuses it, taken along as it is."""
