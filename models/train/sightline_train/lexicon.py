"""Words of the field, written down by us, so that vocabularies know them whole; and words that mean the same."""

WORDS = """
a about above abnormal abnormality absent acute adenopathy adjacent again age airspace airway airways alveolar an and aneurysm
angle angles aorta aortic apex apical appearance appearances appears approximately area areas are artery aspect asymmetric at
atelectasis atelectatic atherosclerotic atrial atrium axillary azygos band base bases basal basilar be been below benign bilateral
bilaterally biopsy blunted blunting body bone bones bony borderline both bowel bronchial bronchiectasis bronchitis bronchus by
calcification calcifications calcified cannot cardiac cardiomediastinal cardiomegaly cardiophrenic cardiothoracic catheter
cavitary cavity central change changes chest chronic clavicle clear clinical collapse compatible compression confluent congestion
congestive consistent consolidation consolidative contour contours contrast coronary correlation costophrenic ct cyst cystic
defect degenerative degree demonstrated dense density device diaphragm diaphragmatic diameter diffuse disc disease dome
dorsal ectatic edema effusion effusions elevated elevation emphysema emphysematous enlarged enlargement enhancing esophagus evidence
evident examination extent external failure fat fibrosis fibrotic field fields film finding findings fissure fluid focal foci
focus for fracture fractures free from gallbladder gas granuloma granulomas granulomatous great greatest ground glass has healed
heart hemidiaphragm hemidiaphragms hemithorax hepatic hernia hiatal hila hilar hilum homogeneous horizontal hyperexpanded
hyperinflated hyperinflation hypoattenuating hypodense identified image images impression in increased indeterminate infiltrate
infiltrates infection inferior infrahilar intact internal interstitial interval into intravenous is it jugular keeping kidney
kidneys kyphosis large lateral layering left lesion lesions level likely limits line linear lines lingula lingular liver lobe
lobes lobectomy lobar location loss low lower lucency lucent lung lungs lymph lymphadenopathy lytic malignancy margin margins
marked markings mass masses may measures measuring medial mediastinal mediastinum metastasis metastatic mid middle midline mild
mildly minimal minor moderate moderately multilevel multiple negative new no node nodes nodular nodule nodules nonspecific normal
not note noted obscured of old on opacification opacities opacity or osseous osteopenia osteophytes otherwise over overlying
pacemaker parenchyma parenchymal patchy patient peribronchial pericardial pericardium peripheral perihilar picc plate pleura
pleural pneumonia pneumonitis pneumothoraces pneumothorax portable possible posterior postoperative postsurgical predominantly
prominence prominent present prior probable process projecting projects pulmonary radiograph radiographic ratio redemonstrated
remains renal represent representing resection residual reticular rib ribs right rim rotated rounded sarcoidosis scar scarring
scattered sclerosis sclerotic scoliosis seen segment septal severe sharp shift shoulder shows side sides silhouette simple
size sized slight slightly small soft space spaces spine spleen splenic spondylosis stable sternal sternotomy stomach stent
streaky structures subcutaneous subpleural subsegmental suggesting suggestive sulcus superior suprahilar surgical suspicious
technique tenting the there thickened thickening thoracic thorax tip tissue tissues to tortuosity tortuous trace trachea tracheal
tracheostomy trauma tube tuberculosis tumor unchanged underlying unfolded unremarkable upper vascular vascularity vasculature
vein vena ventricle ventricular vertebra vertebrae vertebral vessels view visualised visualized volume volumes wall was well were
which widened widening width with within without xray zone zones mm cm ml hu
""".split()

# by key: (phrases that name it, phrases that deny it)
NAMES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "lung-nodule": (("nodule", "pulmonary nodule", "lung nodule", "nodular opacity", "nodular density", "rounded opacity", "coin lesion", "lung mass"), ("no pulmonary nodule", "no nodule or mass", "no suspicious nodule", "lungs without nodules")),
    "effusion": (("pleural effusion", "effusion", "pleural fluid", "fluid in the pleural space", "blunting of the costophrenic angle"), ("no pleural effusion", "costophrenic angles are sharp", "no pleural fluid", "pleural spaces are clear", "no effusion")),
    "consolidation": (("consolidation", "airspace consolidation", "airspace disease", "airspace opacity", "infiltrate", "alveolar opacity", "pneumonia"), ("no focal consolidation", "no airspace disease", "no infiltrate", "no focal airspace opacity", "no pneumonia")),
    "pneumothorax": (("pneumothorax", "pleural air", "air in the pleural space", "collapsed lung with pleural air"), ("no pneumothorax", "no pleural air", "no evidence of pneumothorax")),
    "cardiomegaly": (("cardiomegaly", "enlarged heart", "enlarged cardiac silhouette", "cardiac enlargement", "increased heart size"), ("heart size is normal", "normal cardiac silhouette", "no cardiomegaly", "heart is not enlarged", "cardiac size within normal limits")),
    "atelectasis": (("atelectasis", "atelectatic change", "volume loss", "subsegmental atelectasis", "linear atelectasis", "platelike atelectasis"), ("no atelectasis", "no volume loss")),
    "liver-lesion": (("liver lesion", "hepatic lesion", "focal lesion of the liver", "hypodense focus in the liver", "hepatic mass"), ("no focal liver lesion", "liver is unremarkable", "liver without focal abnormality")),
    "edema": (("pulmonary edema", "pulmonary vascular congestion", "interstitial edema", "vascular congestion", "fluid overload"), ("no pulmonary edema", "pulmonary vascularity is normal", "no vascular congestion")),
    "emphysema": (("emphysema", "hyperinflation", "hyperexpanded lungs", "flattened diaphragms", "obstructive lung disease"), ("lungs are normally expanded", "no hyperinflation")),
    "granuloma": (("calcified granuloma", "granulomatous disease", "calcified nodule", "old granulomatous disease"), ("no calcified granuloma",)),
    "fracture": (("rib fracture", "fracture of a rib", "healed rib fracture", "fracture deformity"), ("no fracture", "no displaced rib fracture", "osseous structures are intact", "no acute bony abnormality")),
    "spondylosis": (("degenerative changes of the spine", "spondylosis", "osteophytes of the thoracic spine", "multilevel degenerative disc disease"), ("spine is unremarkable", "no degenerative change")),
    "scarring": (("scarring", "fibrosis", "fibrotic change", "linear scar", "chronic interstitial change"), ("no scarring", "no fibrosis")),
    "aorta": (("tortuous aorta", "ectatic thoracic aorta", "atherosclerotic calcification of the aorta", "unfolded aorta"), ("aorta is normal", "thoracic aorta of normal calibre")),
    "hernia": (("hiatal hernia", "hiatus hernia", "retrocardiac hernia"), ("no hiatal hernia",)),
    "lymph-nodes": (("mediastinal lymphadenopathy", "hilar adenopathy", "enlarged lymph nodes", "enlarged mediastinal nodes"), ("no lymphadenopathy", "no enlarged lymph nodes", "hilar contours are normal", "mediastinum is unremarkable")),
    "device": (("pacemaker", "central venous catheter", "picc line", "sternotomy wires", "endotracheal tube", "surgical clips"), ("no devices", "no lines or tubes")),
    "pleural-thickening": (("pleural thickening", "apical pleural thickening", "pleural scarring"), ("no pleural thickening",)),
    "diaphragm": (("elevated hemidiaphragm", "elevation of the diaphragm", "eventration of the diaphragm"), ("diaphragms are normal",)),
    "scoliosis": (("scoliosis", "curvature of the spine", "kyphosis"), ("no scoliosis",)),
    "osteopenia": (("osteopenia", "demineralised bones", "decreased bone density"), ("normal bone density",)),
}  # fmt: skip
