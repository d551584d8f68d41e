"""What the other engines document of their own in BPMN files: attributes by element, and extension elements with what stands in them.

In an extension element each ``@`` stands for a value. Sources: the reference pages of Camunda 7 on extension attributes and elements
(Operaton has the same), the user guides of Flowable and Activiti on BPMN constructs, SpiffWorkflow's and Spiff-Arena's own lists.
"""

from __future__ import annotations

_ANY = ("async", "asyncBefore", "asyncAfter", "exclusive", "jobPriority")
_JOB = ("class", "delegateExpression", "expression", "resultVariable", "type", "topic", "taskPriority")
_LISTENERS = (
    '<x:executionListener event="start" class="@"/>',
    '<x:executionListener event="end" delegateExpression="${@}"/>',
    '<x:executionListener event="@"><x:script scriptFormat="@">@</x:script></x:executionListener>',
    '<x:executionListener class="@"><x:field name="@" stringValue="@"/></x:executionListener>',
)
_MAPPINGS = (
    '<x:inputOutput><x:inputParameter name="@">${@}</x:inputParameter><x:outputParameter name="@">@</x:outputParameter>'
    "</x:inputOutput>",
    '<x:inputOutput><x:inputParameter name="@"><x:list><x:value>@</x:value><x:script scriptFormat="@">@</x:script></x:list>'
    "</x:inputParameter></x:inputOutput>",
    '<x:inputOutput><x:inputParameter name="@"><x:map><x:entry key="@">@</x:entry><x:entry key="@"><x:list><x:value>@'
    "</x:value></x:list></x:entry></x:map></x:inputParameter></x:inputOutput>",
    '<x:inputOutput><x:inputParameter name="@"><x:map><x:entry key="@"><x:script scriptFormat="@">@</x:script></x:entry>'
    "</x:map></x:inputParameter></x:inputOutput>",
    '<x:inputOutput><x:inputParameter name="@"><x:script scriptFormat="@" resource="@"/></x:inputParameter></x:inputOutput>',
)
_FIELDS = (
    '<x:field name="@" stringValue="@"/>',
    '<x:field name="@" expression="${@}"/>',
    '<x:field name="@"><x:string>@</x:string></x:field>',
    '<x:field name="@"><x:expression>${@.call(@)}</x:expression></x:field>',
)
_FORM = (
    '<x:formData businessKey="@"><x:formField id="@" label="@" type="enum" defaultValue="@"><x:value id="@" name="@"/>'
    '<x:validation><x:constraint name="required" config="@"/></x:validation><x:properties><x:property id="@" value="@"/>'
    "</x:properties></x:formField></x:formData>",
    '<x:formProperty id="@" name="@" type="enum" variable="@" expression="${@}" default="@" required="true">'
    '<x:value id="@" name="@"/></x:formProperty>',
)
_PROPERTIES = '<x:properties><x:property name="@" value="@"/></x:properties>'
_CONNECTOR = (
    '<x:connector><x:connectorId>@</x:connectorId><x:inputOutput><x:inputParameter name="@">@</x:inputParameter>'
    "</x:inputOutput></x:connector>"
)
_RETRY = "<x:failedJobRetryTimeCycle>R@/PT1M</x:failedJobRetryTimeCycle>"

CAMUNDA_7 = {
    "process": (
        ("candidateStarterGroups", "candidateStarterUsers", "historyTimeToLive", "isStartableInTasklist", "jobPriority",
         "taskPriority", "versionTag", "diagramRelationId"),
        (*_LISTENERS, _PROPERTIES, "<x:potentialStarter><x:of>@</x:of></x:potentialStarter>"),
    ),
    "startEvent": (("formHandlerClass", "formKey", "formRef", "formRefBinding", "formRefVersion", "initiator", *_ANY), (*_FORM,
        *_LISTENERS)),
    "userTask": (
        ("assignee", "candidateGroups", "candidateUsers", "dueDate", "followUpDate", "priority", "formHandlerClass", "formKey",
            "formRef",
         "formRefBinding", "formRefVersion", "modelerTemplate", "modelerTemplateVersion", *_ANY),
        (*_FORM, *_LISTENERS, *_MAPPINGS, _PROPERTIES, _RETRY,
         '<x:taskListener event="create" class="@"/>', '<x:taskListener event="timeout" id="@" expression="${@.notify(task)}"/>',
         '<x:taskListener event="assignment"><x:script scriptFormat="@">@</x:script></x:taskListener>'),
    ),
    "serviceTask": ((*_JOB, *_ANY), (*_FIELDS, *_MAPPINGS,
        *_LISTENERS, _CONNECTOR, _RETRY, '<x:errorEventDefinition errorRef="@" expression="${@}"/>')),
    "sendTask": ((*_JOB, *_ANY), (*_FIELDS, *_MAPPINGS, _CONNECTOR)),
    "businessRuleTask": (
        ("decisionRef", "decisionRefBinding", "decisionRefVersion", "decisionRefVersionTag", "decisionRefTenantId",
            "mapDecisionResult",
         *_JOB, *_ANY),
        (*_MAPPINGS, _CONNECTOR),
    ),
    "scriptTask": (("resultVariable", "resource", *_ANY), (*_MAPPINGS, _RETRY)),
    "callActivity": (
        ("calledElementBinding", "calledElementVersion", "calledElementVersionTag", "calledElementTenantId", "caseRef",
            "caseBinding",
         "caseVersion", "caseTenantId", "variableMappingClass", "variableMappingDelegateExpression", *_ANY),
        ('<x:in source="@" target="@"/>', '<x:in sourceExpression="${@}" target="@"/>', '<x:in variables="all" local="true"/>',
         '<x:in businessKey="${@}"/>', '<x:in sourceExpression="${@.call()}" target="@"/>',
             '<x:in sourceExpression="@" target="@"/>',
         '<x:out source="@" target="@" local="true"/>', '<x:out variables="all"/>',
             '<x:out sourceExpression="${@ + 1}" target="@"/>'),
    ),
    "multiInstanceLoopCharacteristics": (("collection", "elementVariable", *_ANY), (_RETRY,)),
    "messageEventDefinition": (_JOB, (*_FIELDS, _CONNECTOR)),
    "signalEventDefinition": (("async",), ('<x:in variables="all"/>', '<x:in source="@" target="@"/>',
        '<x:in businessKey="@"/>')),
    "errorEventDefinition": (("errorCodeVariable", "errorMessageVariable"), ()),
    "escalationEventDefinition": (("escalationCodeVariable",), ()),
    "conditionalEventDefinition": (("variableName", "variableEvents"), ()),
    "timerEventDefinition": ((), ()),
    "error": (("errorMessage",), ()),
    "conditionExpression": (("resource",), ()),
    "sequenceFlow": ((), ('<x:executionListener class="@"/>',
        '<x:executionListener event="take" expression="${@.log()}"/>', _PROPERTIES)),
    "exclusiveGateway": (_ANY, _LISTENERS),
    "subProcess": (_ANY, (*_LISTENERS, *_MAPPINGS)),
    "endEvent": (_ANY, (*_LISTENERS, *_MAPPINGS)),
    "dataObject": ((), (_PROPERTIES,)),
}  # fmt: skip

_FLOWABLE_ANY = ("async", "asyncLeave", "exclusive", "skipExpression")
_EVENT = (
    "<x:eventType>@</x:eventType>",
    '<x:eventInParameter source="@" target="@" targetType="string"/>',
    '<x:eventOutParameter source="@" sourceType="string" target="@" transient="true"/>',
    '<x:eventCorrelationParameter name="@" value="${@}"/>',
    "<x:channelKey>@</x:channelKey>",
)
FLOWABLE = {
    "process": (
        ("candidateStarterGroups", "candidateStarterUsers", "isEagerExecutionFetching"),
        (*_LISTENERS, '<x:eventListener class="@" events="PROCESS_STARTED"/>',
            '<x:eventListener throwEvent="signal" signalName="@"/>',
         '<x:localization locale="@" name="@"/>', "<x:potentialStarter>@</x:potentialStarter>"),
    ),
    "startEvent": (("initiator", "formKey", "formFieldValidation", "sameDeployment"), (*_FORM,
        *_EVENT, "<x:startEventCorrelationConfiguration>@</x:startEventCorrelationConfiguration>")),
    "userTask": (
        ("assignee", "owner", "candidateUsers", "candidateGroups", "dueDate", "businessCalendarName", "category", "priority",
            "formKey",
         "formFieldValidation", "taskIdVariableName", "taskCompleterVariableName", "validateFormFields", "extensionId",
             *_FLOWABLE_ANY),
        (*_FORM, *_LISTENERS, '<x:taskListener event="all" class="@"/>',
            '<x:taskListener event="complete" type="script"><x:script language="@">@</x:script></x:taskListener>',
         '<x:taskListener event="create" class="@" onTransaction="committed" customPropertiesResolverClass="@"/>',
         '<x:customResource x:name="@">@</x:customResource>'),
    ),
    "serviceTask": (
        ("class", "expression", "delegateExpression", "resultVariable", "resultVariableName", "useLocalScopeForResultVariable",
         "storeResultVariableAsTransient", "type", "topic", "operation", "triggerable", "extensionId",
             "parallelInSameTransaction", *_FLOWABLE_ANY),
        (*_FIELDS, *_EVENT, _RETRY, '<x:mapException errorCode="@" includeChildExceptions="true">@</x:mapException>',
         '<x:field name="decisionTableReferenceKey"><x:string>@</x:string></x:field>', "<x:httpResponseHandler class=\"@\"/>"),
    ),
    "sendTask": (("type", "class"), _FIELDS),
    "businessRuleTask": (("ruleVariablesInput", "rules", "exclude", "resultVariable", "class"), ()),
    "scriptTask": (("resultVariable", "autoStoreVariables", *_FLOWABLE_ANY), ()),
    "callActivity": (
        ("calledElementType", "inheritVariables", "inheritBusinessKey", "businessKey", "sameDeployment", "processInstanceName",
         "processInstanceIdVariableName", "idVariableName", "useLocalScopeForOutParameters", "completeAsync",
             "fallbackToDefaultTenant"),
        ('<x:in source="@" target="@"/>', '<x:in sourceExpression="${@}" targetExpression="${@}"/>',
            '<x:out source="@" target="@" transient="true"/>',
         '<x:out source="@" targetExpression="${@}"/>'),
    ),
    "multiInstanceLoopCharacteristics": (
        ("collection", "elementVariable", "elementIndexVariable", "noWaitStatesAsyncLeave"),
        ("<x:collection><x:string>@</x:string></x:collection>",
         '<x:variableAggregation target="@"><x:variable source="@"/></x:variableAggregation>'),
    ),
    "messageEventDefinition": (("messageExpression",), ()),
    "signalEventDefinition": (("async", "signalExpression"), ()),
    "signal": (("scope",), ()),
    "errorEventDefinition": (("errorVariableName", "errorVariableTransient", "errorVariableLocalScope"), ()),
    "terminateEventDefinition": (("terminateAll", "terminateMultiInstance"), ()),
    "timerEventDefinition": (("businessCalendarName",), ()),
    "timeCycle": (("endDate",), ()),
    "sequenceFlow": (("skipExpression",), (*_LISTENERS,)),
    "boundaryEvent": ((), ('<x:variableListenerEventDefinition variableName="@" variableChangeType="@"/>', *_EVENT)),
    "dataObject": ((), ("<x:value>@</x:value>",)),
    "subProcess": (_FLOWABLE_ANY, _LISTENERS),
}  # fmt: skip

SPIFF = {
    "userTask": (
        ("isMatchingCorrelation",),
        ('<x:properties><x:property name="formJsonSchemaFilename" value="@.json"/>'
         '<x:property name="formUiSchemaFilename" value="@"/></x:properties>',
         "<x:instructionsForEndUser>@</x:instructionsForEndUser>", "<x:instructionsForEndUser>{{ @ }}</x:instructionsForEndUser>",
         "<x:preScript>@ = 1</x:preScript>", "<x:postScript>del @</x:postScript>", "<x:variableName>@</x:variableName>",
         "<x:allowGuest>@</x:allowGuest>", "<x:guestConfirmation>@</x:guestConfirmation>",
         '<x:taskMetadataValues><x:taskMetadataValue name="@" value="@"/></x:taskMetadataValues>',
         "<x:processModelToStartOnTaskAvailable>@</x:processModelToStartOnTaskAvailable>"),
    ),
    "serviceTask": (
        (),
        ('<x:serviceTaskOperator id="@" resultVariable="@"><x:parameters><x:parameter id="@" type="@" value="@"/></x:parameters>'
         '<x:retry retries="3" backoff_base="@"/></x:serviceTaskOperator>',
         '<x:serviceTaskOperator id="@"><x:parameters><x:parameter id="@" type="@"/></x:parameters></x:serviceTaskOperator>',
         '<x:serviceTaskOperator id="@"><x:parameters><x:parameter id="@" type="@" value="@(1)"/></x:parameters></x:serviceTaskOperator>'),
    ),
    "scriptTask": ((), ('<x:unitTests><x:unitTest id="@"><x:inputJson>@</x:inputJson>'
                  '<x:expectedOutputJson>@</x:expectedOutputJson></x:unitTest></x:unitTests>',)),
    "businessRuleTask": ((), ("<x:calledDecisionId>@</x:calledDecisionId>",)),
    "sendTask": (("isMatchingCorrelation",), ("<x:messagePayload>{'a': @}</x:messagePayload>",
        "<x:messagePayload>@(1)</x:messagePayload>")),
    "receiveTask": (
        (),
        ("<x:messageVariable>@</x:messageVariable>",
         "<x:processVariableCorrelation><x:propertyId>@</x:propertyId><x:expression>@</x:expression></x:processVariableCorrelation>"),
    ),
    "messageEventDefinition": ((), ("<x:messagePayload>@</x:messagePayload>", "<x:messageVariable>@</x:messageVariable>")),
    "signalEventDefinition": ((), ("<x:payloadExpression>@</x:payloadExpression>", "<x:variableName>@</x:variableName>")),
    "multiInstanceLoopCharacteristics": (("scriptsOnInstances", "isOutputSynced"), ()),
    "message": (("jsonSchemaId",), ("<x:messagePayload>@</x:messagePayload>",)),
    "dataObject": ((), ("<x:category>@</x:category>",)),
    "boundaryEvent": ((), ("<x:signalButtonLabel>@</x:signalButtonLabel>",)),
}  # fmt: skip

DIALECTS = {
    "http://camunda.org/schema/1.0/bpmn": CAMUNDA_7,
    "http://operaton.org/schema/1.0/bpmn": CAMUNDA_7,
    "http://flowable.org/bpmn": FLOWABLE,
    "http://activiti.org/bpmn": FLOWABLE,
    "http://spiffworkflow.org/bpmn/schema/1.0/core": SPIFF,
}
"""{namespace: {BPMN element: (attributes, extension elements)}}"""
